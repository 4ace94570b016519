import { checkLogFormat, type LogFormatResult, type Piece, type Setter } from '../../http/log-format.js';
import * as to from '../../http/setters.js';

const ignored: Setter = () => undefined;

/** Directives of mod_log_config that become fields; every other one is read past. */
const plain: Readonly<Record<string, Setter>> = {
  h: to.source,
  a: to.source,
  u: to.textSetter('user.name'),
  t: to.clfStamp,
  r: to.request,
  s: to.status,
  b: to.numberSetter('http.response.body.bytes'),
  B: to.numberSetter('http.response.body.bytes'),
  O: to.numberSetter('http.response.bytes'),
  I: to.numberSetter('http.request.bytes'),
  D: to.durationIn(1e3),
  T: to.durationIn(1e9),
  v: to.host,
  V: to.host,
  p: to.numberSetter('destination.port'),
  A: to.textSetter('destination.address'),
  m: to.method,
  U: to.path,
  q: to.query,
  H: to.protocol,
  P: to.numberSetter('process.pid'),
  L: to.textSetter('http.request.id'),
};

const headers: Readonly<Record<string, Setter>> = {
  referer: to.referrer,
  'user-agent': to.agent,
  'x-forwarded-for': to.forwardedFor,
  'x-real-ip': to.realIp,
  forwarded: to.headerSetter('forwarded'),
  'cf-connecting-ip': to.headerSetter('cf-connecting-ip'),
  'true-client-ip': to.headerSetter('true-client-ip'),
  authorization: to.headerSetter('authorization'),
  cookie: to.headerSetter('cookie'),
  'x-api-key': to.headerSetter('x-api-key'),
  'x-request-id': to.textSetter('http.request.id'),
  host: to.host,
};
const environment: Readonly<Record<string, Setter>> = {
  ssl_protocol: to.textSetter('tls.version'),
  ssl_cipher: to.textSetter('tls.cipher'),
  unique_id: to.textSetter('http.request.id'),
};

/** Compiles what stands in an Apache `LogFormat`; backslashes before quotes, as the configuration file has them, are undone. */
export function compileApacheFormat(configured: string): LogFormatResult {
  const text = configured.replace(/\\(["\\])/g, '$1').replace(/\\t/g, '\t');
  const pieces: Piece[] = [];
  let timed = false;
  let literal = '';
  let at = 0;
  for (const found of text.matchAll(/%(?:%|(?:!?\d{3}(?:,\d{3})*)?[<>]?(?:\{([^}]*)\})?(\^[A-Z]{2}|[A-Za-z]))/g)) {
    literal += text.slice(at, found.index);
    at = found.index + found[0].length;
    if (found[0] === '%%') {
      literal += '%';
      continue;
    }
    const [variable, argument, letter] = found as unknown as [string, string | undefined, string];
    if (letter === 't') timed = true;
    const inBrackets = letter === 't' && argument === undefined;
    pieces.push({ literal: inBrackets ? `${literal}[` : literal, variable, set: setterOf(letter, argument) });
    literal = inBrackets ? ']' : '';
  }
  return checkLogFormat({ pieces, tail: literal + text.slice(at), timed });
}

function setterOf(letter: string, argument: string | undefined): Setter | undefined {
  if (argument === undefined) return Object.hasOwn(plain, letter) ? plain[letter] : undefined;
  const name = argument.toLowerCase();
  if (letter === 'i') return Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (letter === 'o') return name === 'content-type' ? to.textSetter('http.response.mime_type') : undefined;
  if (letter === 'e' || letter === 'x') return Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (letter === 'T') return to.durationIn(name === 'us' ? 1e3 : name === 'ms' ? 1e6 : 1e9);
  // %{c}a is the peer of the connection: the proxy, where mod_remoteip puts the client into %a.
  if (letter === 'a') return ignored;
  if (letter === 'p') return name === 'remote' ? to.numberSetter('source.port') : to.numberSetter('destination.port');
  if (letter === 't') return stampBy(name);
  return undefined;
}

/** `sec`, `msec`, `usec` and the usual strftime forms; another form must read as ISO 8601. */
function stampBy(form: string): Setter {
  const wanted = form.replace(/^(?:begin|end):/, '');
  if (wanted === 'sec' || wanted === 'msec' || wanted === 'usec') return to.epochStamp;
  return wanted.startsWith('%d/%b/') || wanted.startsWith('[%d/%b/') ? to.clfStamp : to.isoStamp;
}
