import type { LogEvent } from '../../log-event.js';
import type { Event } from '#ecs';
import { BoundedCache } from '../../bounded-cache.js';
import { WatchedFile } from '../../files/watched-file.js';
import { parsePrefix } from '../../networks/prefix.js';
import { buildPrefixTable, type PrefixTable } from '../../networks/prefix-table.js';
import { IP, THREAT_CONFIDENCE, THREAT_IP, THREAT_PROVIDER } from '../../slots.js';
import type { Enricher, EnricherStatus } from '../enricher.js';
import { networkClass } from '../network/network.js';
import { confidences, type FeedConfig } from './config.js';
import { readFeed, type FeedContent } from './read-feed.js';

/** As ECS spells them. */
const shown = ['Low', 'Medium', 'High'] as const;

/** All feeds as one table: what an entry says stands in columns. */
interface Feeds {
  readonly table: PrefixTable;
  readonly providers: readonly string[];
  readonly provider: Uint8Array;
  readonly confidence: Uint8Array;
  readonly from: Float64Array;
  readonly until: Float64Array;
}

/** Whether a threat feed names `source.ip`. Entries hold by the time of the event, not by the clock, so a replay finds what was found. */
export function threatFeeds(
  feeds: readonly FeedConfig[],
  allowed: readonly string[],
  now?: () => number,
): Enricher & { readonly bytes: number } {
  const files = feeds.map(
    (feed) => new WatchedFile(feed.file, (bytes, changed) => ({ changed, ...readFeed(bytes.toString('utf8'), feed, changed) })),
  );
  const allow = buildPrefixTable(allowed.flatMap((text) => parsePrefix(text) ?? []));
  let current = joined(
    feeds,
    files.map(({ content }) => content),
  );
  let unknown = new BoundedCache<true>(16_384);
  return {
    name: 'threat-feeds',
    fields: ['threat.indicator.ip', 'threat.indicator.provider', 'threat.indicator.confidence'],
    get bytes() {
      const { table, provider, confidence, from, until } = current;
      return table.bytes + provider.byteLength + confidence.byteLength + from.byteLength + until.byteLength;
    },
    enrich(event: Event | LogEvent) {
      const { values, time } = event;
      const ip = values[IP];
      if (typeof ip !== 'string' || values[THREAT_PROVIDER] !== undefined || unknown.get(ip)) return;
      const { table, from, until, provider, providers, confidence } = current;
      if (table.find(ip) < 0 || allow.find(ip) >= 0 || networkClass(ip) === 'private') {
        unknown.set(ip, true);
        return;
      }
      const entry = table.find(ip, (each) => time >= from[each]! && time < until[each]!);
      if (entry < 0) return;
      values[THREAT_IP] = ip;
      values[THREAT_PROVIDER] = providers[provider[entry]!]!;
      values[THREAT_CONFIDENCE] = shown[confidence[entry]!]!;
    },
    refresh() {
      if (!files.map((file) => file.refresh()).includes(true)) return;
      current = joined(
        feeds,
        files.map(({ content }) => content),
      );
      unknown = new BoundedCache<true>(16_384);
    },
    status: () => feedStatus(feeds, files, now),
  };
}

/** Of equal networks the surest entry comes first: the table finds the first of them. */
function joined(feeds: readonly FeedConfig[], contents: readonly FeedContent[]): Feeds {
  const all = contents.flatMap(({ entries }, feed) => entries.map((entry) => ({ entry, feed })));
  all.sort((a, b) => confidences.indexOf(b.entry.confidence) - confidences.indexOf(a.entry.confidence));
  return {
    table: buildPrefixTable(all.map(({ entry }) => entry.prefix)),
    providers: feeds.map(({ name }) => name),
    provider: Uint8Array.from(all, ({ feed }) => feed),
    confidence: Uint8Array.from(all, ({ entry }) => confidences.indexOf(entry.confidence)),
    from: Float64Array.from(all, ({ entry }) => entry.from),
    until: Float64Array.from(all, ({ entry }) => entry.until),
  };
}

function feedStatus(
  feeds: readonly FeedConfig[],
  files: readonly WatchedFile<FeedContent & { changed: number }>[],
  now: (() => number) | undefined,
): EnricherStatus {
  const problem = files.find(({ problem: text }) => text !== undefined)?.problem;
  if (now === undefined) return problem === undefined ? {} : { warning: problem };
  const ages = files.map(({ content }) => now() - content.changed);
  const old = feeds.find(({ expires }, nth) => ages[nth]! > expires);
  const stale = old && `The feed "${old.name}" has not changed for longer than its entries hold (${old.file}): it finds nothing any more.`;
  const warning = problem ?? stale;
  const dataAgeDays = Math.max(0, Math.floor(Math.max(...ages) / 86_400_000));
  return { dataAgeDays, ...(warning !== undefined && { warning }) };
}
