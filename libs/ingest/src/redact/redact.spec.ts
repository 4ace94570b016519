import { describe, expect, it } from 'vitest';
import { redactParameters, redactText, redactUrl } from './redact.js';

describe('redaction', () => {
  it.each([
    ['/a?password=x&b=1', '/a?password=<redacted>&b=1'],
    ['/a?user%5Bpassword%5D=x', '/a?user%5Bpassword%5D=<redacted>'],
    ['/a?accessToken=abc', '/a?accessToken=<redacted>'],
    ['/a?x=1;api_key=abc', '/a?x=1;api_key=<redacted>'],
    ['/cb?code=4/0AbCdEfGh&state=xyzxyz', '/cb?code=<redacted>&state=<redacted>'],
    ['/a?monkey=banana&author=me', '/a?monkey=banana&author=me'],
    ['https://u:p@host/x', 'https://<redacted>@host/x'],
    ['/verify/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.abc_def/x', '/verify/<redacted>/x'],
  ])('turns %s into %s', (from, to) => {
    expect(redactUrl(from)).toBe(to);
  });

  it('leaves an attack in a parameter of a harmless name to be seen', () => {
    expect(redactUrl("/a?key=1'+OR+'1'='1")).toBe("/a?key=1'+OR+'1'='1");
    expect(redactUrl('/a?code=../../etc/passwd')).toBe('/a?code=../../etc/passwd');
  });

  it('finds credentials in any text', () => {
    expect(redactText('Authorization: Bearer abcdefgh12345 x')).toBe('Authorization: Bearer <redacted> x');
    expect(redactText('auth Basic dXNlcjpwYXNz end')).toBe('auth Basic <redacted> end');
    expect(redactText('{"password":"a\\"b","user":"x"}')).toBe('{"password":"<redacted>","user":"x"}');
  });

  it('takes time in proportion to the text, whatever it holds', () => {
    const started = process.cpuUsage();
    for (const piece of ['eyJ', 'password', 'token=', '"token":"', '"a\\', 'bearer ', '://a@', 'a.', '=;', '['])
      redactText(piece.repeat(300_000).slice(0, 1_000_000));
    redactParameters('password'.repeat(100_000));
    const { user } = process.cpuUsage(started);
    expect(user / 1e6).toBeLessThan(4);
  });
});
