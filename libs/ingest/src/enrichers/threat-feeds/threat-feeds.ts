import { versionsOf, WatchedFile } from '../../files/watched-file.js';
import { parsePrefix } from '../../networks/prefix.js';
import { PrefixList } from '../../networks/prefix-list.js';
import { buildPrefixTable, type PrefixTable } from '../../networks/prefix-table.js';
import { IP, THREAT_CONFIDENCE, THREAT_IP, THREAT_PROVIDER } from '../../slots.js';
import type { Enricher, EnricherStatus } from '../enricher.js';
import { networkClass } from '../network/network.js';
import { confidences, type FeedConfig } from './config.js';
import type { FeedContent, Validity } from './feed-content.js';
import { readFeed } from './read-feed.js';

/** As ECS spells them. */
const shown = { low: 'Low', medium: 'Medium', high: 'High' } as const;

/** What the enricher needs of a feed's settings. */
export type Feed = Omit<FeedConfig, 'pull'> & {
  /** Its file is fetched, so it may not be there yet. */
  readonly pull?: object | undefined;
};

/** Addresses are ASCII, so nothing is decoded; a byte order mark is no part of the first. */
function textOf(bytes: Buffer): string {
  return bytes.toString('latin1', bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0);
}

const byteOrderMark = Buffer.from('\ufeff');

/** All feeds as one table: each entry knows its group, and the group what holds for it. */
interface Feeds {
  readonly table: PrefixTable;
  readonly groupOf: Uint32Array;
  readonly groups: readonly (Validity & { readonly provider: string })[];
}

interface Dated extends FeedContent {
  readonly changed: number;
}

const notYet: Dated = { changed: NaN, groups: [], skipped: 0 };

/** Whether a threat feed names `source.ip`. Entries hold by the time of the event, not by the clock, so a replay finds what was found. */
export function threatFeeds(feeds: readonly Feed[], allowed: readonly string[], now?: () => number): Enricher & { readonly bytes: number } {
  const files = feeds.map(
    (feed) =>
      new WatchedFile<Dated>(feed.file, (bytes, changed) => ({ changed, ...readFeed(textOf(bytes), feed, changed) }), feed.pull && notYet),
  );
  const allow = buildPrefixTable(allowed.flatMap((text) => parsePrefix(text) ?? []));
  const contents = (): FeedContent[] => files.map(({ content }) => content);
  let current = joined(feeds, contents());
  let time = 0;
  const holds = (entry: number): boolean => {
    const { from, until } = current.groups[current.groupOf[entry]!]!;
    return time >= from && time < until;
  };
  return {
    name: 'threat-feeds',
    fields: ['threat.indicator.ip', 'threat.indicator.provider', 'threat.indicator.confidence'],
    get bytes() {
      return current.table.bytes + current.groupOf.byteLength;
    },
    enrich(event) {
      const { values } = event;
      const ip = values[IP];
      if (typeof ip !== 'string' || values[THREAT_PROVIDER] !== undefined) return;
      time = event.time;
      const entry = current.table.find(ip, holds);
      if (entry < 0 || allow.find(ip) >= 0 || networkClass(ip) === 'private') return;
      const { provider, confidence } = current.groups[current.groupOf[entry]!]!;
      values[THREAT_IP] = ip;
      values[THREAT_PROVIDER] = provider;
      values[THREAT_CONFIDENCE] = shown[confidence];
    },
    refresh() {
      if (files.map((file) => file.refresh()).includes(true)) current = joined(feeds, contents());
    },
    status: () => feedStatus(feeds, files, now),
    version: () => versionsOf(feeds, files),
  };
}

/** Of equal networks the surest entry comes first: the table finds the first of them. */
function joined(feeds: readonly Feed[], contents: readonly FeedContent[]): Feeds {
  const all = contents.flatMap(({ groups }, feed) => groups.map((group) => ({ group, provider: feeds[feed]!.name })));
  all.sort((a, b) => confidences.indexOf(b.group.confidence) - confidences.indexOf(a.group.confidence));
  const list = new PrefixList();
  const ends = all.map(({ group }) => {
    list.addAll(group.networks);
    return list.size;
  });
  const groupOf = new Uint32Array(list.size);
  ends.forEach((end, nth) => groupOf.fill(nth, ends[nth - 1] ?? 0, end));
  const groups = all.map(({ provider, group: { confidence, from, until } }) => ({ provider, confidence, from, until }));
  return { table: buildPrefixTable(list), groupOf, groups };
}

function feedStatus(feeds: readonly Feed[], files: readonly WatchedFile<Dated>[], now: (() => number) | undefined): EnricherStatus {
  const problem = files.find(({ problem: text }) => text !== undefined)?.problem;
  if (now === undefined) return problem === undefined ? {} : { warning: problem };
  // What is not there yet has no age.
  const ages = files.map(({ content }) => now() - content.changed);
  const old = feeds.find(({ expires }, nth) => ages[nth]! > expires);
  const stale = old && `The feed "${old.name}" has not changed for longer than its entries hold (${old.file}): it finds nothing any more.`;
  const warning = problem ?? stale;
  const known = ages.filter((age) => !Number.isNaN(age));
  const dataAgeDays = Math.max(0, Math.floor(Math.max(...known) / 86_400_000));
  return { ...(known.length && { dataAgeDays }), ...(warning !== undefined && { warning }) };
}
