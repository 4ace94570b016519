import { describe, expect, it } from 'vitest';
import { columnIndex, rowsOf, separatorOf } from './rows.js';

const rows = (text: string, separators?: string): string[][] => [...rowsOf(text, separators)];

describe('rows', () => {
  it.each([
    ['quotes, doubled ones, separators and signs of comments within them', '"a ""b""", "c; #d" ,e', ['a "b"', 'c; #d', 'e']],
    ['empty values, at both ends too', '\ta\t\tb\t', ['', 'a', '', 'b', '']],
    ['a comment behind a value', '203.0.113.7,alice # since May', ['203.0.113.7', 'alice']],
    ['no comment within a value', 'team#1,b', ['team#1', 'b']],
    ['a quote that never ends', '"a,b', ['a,b']],
    ['what stands behind a quote', '"a"x,b', ['a', 'b']],
    ['a byte order mark and a carriage return', '\ufeffname,mail\r', ['name', 'mail']],
  ])('are read with %s', (_, line, values) => {
    expect(rows(line)).toEqual([values]);
  });

  it('leave comments and empty lines out', () => {
    expect(rows('# a\n; b\n// c\n \t \r\n\nd\n')).toEqual([['d']]);
  });

  it('are parted as the first row is', () => {
    const text = '# export\n"Name, full";mail\nDoe, Jane|Ops;jane@example.com\n';
    expect(rows(text, separatorOf(text))).toEqual([
      ['Name, full', 'mail'],
      ['Doe, Jane|Ops', 'jane@example.com'],
    ]);
    expect(separatorOf('alone\n')).toBe('\t;|,');
  });
});

it('a column is named without case, and a name that is not there is told with those that are', () => {
  expect(columnIndex(' MAIL', ['name', 'Mail'])).toBe(1);
  expect(() => columnIndex('email', ['name', 'mail'])).toThrow('its first row has no column "email", but name, mail');
});
