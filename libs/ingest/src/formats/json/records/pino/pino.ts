import { LEVEL } from '../../../../slots.js';
import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

const levels: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** What pino-http, Fastify, nestjs-pino and bunyan's middleware write of a request (https://github.com/pinojs/pino-http). */
export const pino: RecordShape = {
  name: 'pino',
  marks: ['req'],
  find: (tree) =>
    isObject(tree['req']) && typeof tree['req']['method'] === 'string' && ('time' in tree || 'timestamp' in tree) ? tree : undefined,
  module: 'pino',
  dataset: 'pino.http',
  time: ['time', 'timestamp'],
  fields: {
    'source.ip': ['req.remoteAddress', 'req.ip', 'req.remote_address'],
    'source.port': ['req.remotePort', 'req.remote_port'],
    '@forwarded': 'req.headers.x-forwarded-for',
    'http.request.method': 'req.method',
    'url.original': ['req.url', 'req.originalUrl', 'req.path'],
    '@host': ['req.headers.host', 'req.host', 'req.hostname'],
    'http.version': ['req.httpVersion'],
    'http.response.status_code': ['res.statusCode', 'res.status', 'res.status_code'],
    'http.response.body.bytes': ['res.headers.content-length', 'res.contentLength'],
    '@millis': ['responseTime', 'response_time', 'duration'],
    'user_agent.original': ['req.headers.user-agent', 'req.userAgent'],
    'http.request.referrer': ['req.headers.referer', 'req.headers.referrer'],
    'http.request.id': ['req.id', 'reqId', 'req_id'],
    'user.name': ['user.name', 'user.username', 'req.user.name', 'req.user.username', 'username', 'user'],
    'user.id': ['user.id', 'req.user.id', 'userId', 'req.user.sub'],
    'service.name': ['name', 'service'],
    'host.name': 'hostname',
    'process.pid': 'pid',
    'error.message': ['err.message', 'error.message'],
    message: ['msg', 'message'],
    'trace.id': ['trace_id', 'traceId'],
  },
  access: true,
  finish: ({ values }, { level }) => {
    if (typeof level === 'number') values[LEVEL] = levels[level];
    else if (typeof level === 'string') values[LEVEL] = level.toLowerCase();
  },
};
