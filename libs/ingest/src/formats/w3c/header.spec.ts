import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slot } from '#ecs';
import { batchOf, ingestFor } from '../../spec-kit.js';
import { headerAfter } from './header.js';

const iis = '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status time-taken';
const own = '#Fields: date time sc-status x-own c-ip cs-uri-stem cs-method';
const iisLine = '2026-01-15 10:05:03 10.0.0.1 GET /orders/7 - 443 - 203.0.113.7 curl/8.5.0 200 15';
const ownLine = '2026-01-15 10:05:04 404 - 203.0.113.8 /a POST';
const other = '203.0.113.9 - - [15/Jan/2026:10:05:05 +0000] "PUT /b HTTP/1.1" 201 5';
const log = ['#Software: x', iis, iisLine, own, ownLine, ownLine, other, '# no #Fields: here', iis, iisLine];

const read = (lines: readonly string[], header?: string): unknown[][] => {
  const batch = batchOf(lines.map((line) => `${line}\n`).join(''));
  const { events, deadLetters } = ingestFor({ format: 'auto' }).ingest(header === undefined ? batch : { ...batch, header });
  return [
    ...events.map(({ values }) =>
      ['source.ip', 'http.request.method', 'url.original', 'http.response.status_code'].map(
        (name) => values[slot[name as keyof typeof slot]],
      ),
    ),
    ...deadLetters.map(({ reason }) => [reason]),
  ];
};

const expected = [
  ['203.0.113.7', 'GET', '/orders/7', 200],
  ['203.0.113.8', 'POST', '/a', 404],
  ['203.0.113.8', 'POST', '/a', 404],
  ['203.0.113.9', 'PUT', '/b', 201],
  ['203.0.113.7', 'GET', '/orders/7', 200],
];

describe('the columns that a log names itself', () => {
  it('hold for the lines behind them until it names others, and lines of other logs are read as what they are', () => {
    expect(read(log).filter(([reason]) => reason !== 'format_unknown')).toEqual(expected);
  });

  it('hold wherever the log was cut into batches', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(log.length), { maxLength: 5 }), (cuts) => {
        const found: unknown[][] = [];
        let header: string | undefined;
        const places = [0, ...cuts.sort((one, next) => one - next), log.length];
        places.slice(1).forEach((to, i) => {
          const part = log.slice(places[i], to);
          if (part.length === 0) return;
          found.push(...read(part, header));
          header = headerAfter(Buffer.from(part.map((line) => `${line}\n`).join('')), header);
        });
        expect(found.filter(([reason]) => reason !== 'format_unknown')).toEqual(expected);
      }),
    );
  });

  it('are those of the last line that begins with them before a place', () => {
    const bytes = Buffer.from(`#Fields: a\nx #Fields: b\n#Fields: c\r\n`);
    expect([headerAfter(bytes, '#Fields: z', 0), headerAfter(bytes, undefined, 11), headerAfter(bytes, undefined, 24), headerAfter(bytes, undefined)]).toEqual(['#Fields: z', '#Fields: a', '#Fields: a', '#Fields: c']); // prettier-ignore
  });

  it('are not asked where the source declares another format', () => {
    const { deadLetters } = ingestFor({ format: 'nginx' }).ingest(batchOf(`${own}\n${ownLine}\n`));
    expect(deadLetters).toHaveLength(2);
  });

  it('of CloudFront leave its lines to its parser', () => {
    expect(headerAfter(Buffer.from('#Fields: date time x-edge-location c-ip\n'), undefined)).toBe(
      '#Fields: date time x-edge-location c-ip',
    );
    const { events } = ingestFor({ format: 'auto' }).ingest(
      batchOf(`#Fields: date time x-edge-location c-ip\n2026-01-15\t10:05:04\tFRA\t203.0.113.8\n`),
    );
    expect(events).toEqual([]);
  });
});
