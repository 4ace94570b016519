import type { Millis } from '#time';

/** One call as a server logs it. */
export interface Call {
  /** Event time, milliseconds since the epoch. */
  time: Millis;
  address: string;
  /** Empty where nobody is logged in. */
  user: string;
  method: string;
  /** Request target: path and query as sent. */
  target: string;
  status: number;
  bytes: number;
  /** `-` where the client sends none. */
  referrer: string;
  agent: string;
}

export type CallWriter = (call: Call, id: string) => string;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Writes combined format (Apache, nginx), times in UTC. The stamp is made once a second. */
export function combinedWriter(): CallWriter {
  let second = NaN;
  let stamp = '';
  return ({ time, address, user, method, target, status, bytes, referrer, agent }) => {
    const now = Math.floor(time / 1000);
    if (now !== second) {
      second = now;
      stamp = clfStamp(time);
    }
    const name = user === '' ? '-' : user;
    return `${address} - ${name} [${stamp}] "${method} ${target} HTTP/1.1" ${status} ${bytes} "${referrer}" "${escapeQuoted(agent)}"\n`;
  };
}

function clfStamp(time: Millis): string {
  const date = new Date(time);
  return `${two(date.getUTCDate())}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** As Apache writes a quote inside of a quoted field. */
function escapeQuoted(text: string): string {
  return text.includes('"') || text.includes('\\') ? text.replace(/["\\]/g, '\\$&') : text;
}

/** Writes ECS documents, one a line, with an id of their own in `event.id` and the OWASP name of logins in `event.action`. */
export function ecsWriter(): CallWriter {
  let second = NaN;
  let prefix = '';
  return ({ time, address, user, method, target, status, bytes, referrer, agent }, id) => {
    const now = Math.floor(time / 1000);
    if (now !== second) {
      second = now;
      prefix = new Date(now * 1000).toISOString().slice(0, 20);
    }
    const millis = time - now * 1000;
    const stamp = `${prefix}${millis < 10 ? '00' : millis < 100 ? '0' : ''}${millis}Z`;
    const login = method === 'POST' && loginPaths.has(target);
    const event = login
      ? `"category":["web","authentication"],"action":"${status < 400 ? 'authn_login_success' : 'authn_login_fail'}"`
      : '"category":["web"]';
    const mark = target.indexOf('?');
    const path = mark < 0 ? target : target.slice(0, mark);
    const query = mark < 0 ? '' : `,"query":${quote(target.slice(mark + 1))}`;
    const who = user === '' ? '' : `,"user":{"name":${quote(user)}}`;
    const from = referrer === '-' ? '' : `,"referrer":${quote(referrer)}`;
    return (
      `{"@timestamp":"${stamp}","event":{"id":"${id}","kind":"event",${event},"type":["access"],"outcome":"${status < 400 ? 'success' : 'failure'}","dataset":"shop.access"},` +
      `"source":{"ip":"${address}"}${who},"http":{"request":{"method":"${method}"${from}},"response":{"status_code":${status},"body":{"bytes":${bytes}}}},` +
      `"url":{"original":${quote(target)},"path":${quote(path)}${query}},"user_agent":{"original":${quote(agent)}},"service":{"name":"shop"}}\n`
    );
  };
}

/** Routes of the generated API to which people log in. */
export const loginPaths: ReadonlySet<string> = new Set(['/api/v1/login', '/api/v1/oauth/token']);

// eslint-disable-next-line no-control-regex
const unsafe = /["\\\u0000-\u001f]/;

function quote(text: string): string {
  return unsafe.test(text) ? JSON.stringify(text) : `"${text}"`;
}
