import { BoundedCache } from '../../bounded-cache.js';
import { WatchedFile } from '../../files/watched-file.js';
import { rowsOf } from '../../files/rows.js';
import type { MmdbValue } from '../../mmdb/decode.js';
import { openMmdb, type Mmdb } from '../../mmdb/mmdb.js';
import { parsePrefix, type Prefix } from '../../networks/prefix.js';
import { buildPrefixTable, type PrefixTable } from '../../networks/prefix-table.js';
import { AS_CLASS, AS_NAME, AS_NUMBER, IP } from '../../slots.js';
import { at, mmdbStatus, mmdbVersion, text } from '../city/city.js';
import type { Enricher, EnricherStatus } from '../enricher.js';
import { networkClasses, type SourceClass } from './config.js';
import { classOfName, classOfNumber } from './known-networks.js';

export interface AutonomousSystemFiles {
  readonly asn?: string;
  readonly anonymous?: string;
  readonly classes?: string;
  readonly staleAfter: number;
}

interface Known {
  readonly number?: number;
  readonly name?: string;
  readonly class?: SourceClass;
}

/** Whose network `source.ip` is in, and of what kind. Without any file it classes what the log itself says of networks. */
export function autonomousSystem({ asn, anonymous, classes, staleAfter }: AutonomousSystemFiles, now?: () => number): Enricher {
  const asnFile = asn === undefined ? undefined : new WatchedFile(asn, openMmdb);
  const anonymousFile = anonymous === undefined ? undefined : new WatchedFile(anonymous, openMmdb);
  const classFile = classes === undefined ? undefined : new WatchedFile(classes, (bytes) => readClasses(bytes.toString('utf8')));
  const files = [asnFile, anonymousFile, classFile].filter((file) => file !== undefined);
  const knowsAddresses = files.length > 0;
  let known = new BoundedCache<Known>(16_384);
  const lookUp = (ip: string): Known => {
    const record = asnFile?.content.find(ip);
    const number = at(record, 'autonomous_system_number');
    const name = text(at(record, 'autonomous_system_organization'));
    const found = classFile?.content.ofAddress(ip) ?? anonymousClass(anonymousFile?.content, ip);
    return { ...(typeof number === 'number' && { number }), ...(name !== undefined && { name }), ...(found && { class: found }) };
  };
  return {
    name: 'autonomous-system',
    fields: ['source.as.number', 'source.as.organization.name', 'gatewatch.source.as.class'],
    enrich({ values }) {
      let own: Known | undefined;
      const ip = values[IP];
      if (knowsAddresses && typeof ip === 'string') {
        own = known.get(ip);
        if (own === undefined) known.set(ip, (own = lookUp(ip)));
        // What the log says of its network it says whole.
        if (values[AS_NUMBER] === undefined && values[AS_NAME] === undefined) {
          if (own.number !== undefined) values[AS_NUMBER] = own.number;
          if (own.name !== undefined) values[AS_NAME] = own.name;
        }
      }
      if (values[AS_CLASS] !== undefined) return;
      const [number, name] = [values[AS_NUMBER], values[AS_NAME]];
      const found =
        own?.class ??
        (typeof number === 'number' ? (classFile?.content.ofNumber(number) ?? classOfNumber.get(number)) : undefined) ??
        (typeof name === 'string' ? classOfName(name) : undefined);
      if (found !== undefined) values[AS_CLASS] = found;
    },
    refresh() {
      if (files.map((file) => file.refresh()).includes(true)) known = new BoundedCache<Known>(16_384);
    },
    status: () => worst([asnFile, anonymousFile], { staleAfter, now, problem: classFile?.problem }),
    version: () => {
      const databases = [asnFile, anonymousFile].flatMap((file) => (file ? [mmdbVersion(file)] : []));
      const versions = classFile ? [...databases, `as_classes ${classFile.version}`] : databases;
      return versions.length ? versions.join(', ') : undefined;
    },
  };
}

function worst(
  databases: readonly (WatchedFile<Mmdb> | undefined)[],
  { staleAfter, now, problem }: { staleAfter: number; now: (() => number) | undefined; problem: string | undefined },
): EnricherStatus {
  const all = databases.flatMap((file) => (file ? [mmdbStatus(file, staleAfter, now)] : []));
  const ages = all.flatMap(({ dataAgeDays }) => (dataAgeDays === undefined ? [] : [dataAgeDays]));
  const warning = problem ?? all.find(({ warning: text }) => text !== undefined)?.warning;
  return { ...(ages.length && { dataAgeDays: Math.max(...ages) }), ...(warning !== undefined && { warning }) };
}

const flags: readonly (readonly [string, SourceClass])[] = [
  ['is_tor_exit_node', 'tor'],
  ['is_anonymous_vpn', 'vpn'],
  ['is_public_proxy', 'relay'],
  ['is_residential_proxy', 'relay'],
  ['is_hosting_provider', 'hosting'],
];

function anonymousClass(database: Mmdb | undefined, ip: string): SourceClass | undefined {
  const record: MmdbValue | undefined = database?.find(ip);
  return record === undefined ? undefined : flags.find(([flag]) => at(record, flag) === true)?.[1];
}

interface Classes {
  ofNumber(number: number): SourceClass | undefined;
  ofAddress(ip: string): SourceClass | undefined;
}

/** @throws Error naming the first row that cannot be read. */
export function readClasses(content: string): Classes {
  const ofNumbers = new Map<number, SourceClass>();
  const prefixes: Prefix[] = [];
  const classes: SourceClass[] = [];
  for (const [what = '', name = ''] of rowsOf(content)) {
    const kind = networkClasses.find((known) => known === name.toLowerCase());
    if (!kind) throw new Error(`expected one of ${networkClasses.join(', ')} behind "${what}", found "${name}"`);
    const number = /^(?:AS)?(\d{1,10})$/i.exec(what)?.[1];
    const prefix = number === undefined ? parsePrefix(what) : undefined;
    if (number !== undefined) ofNumbers.set(Number(number), kind);
    else if (prefix) classes[prefixes.push(prefix) - 1] = kind;
    else throw new Error(`expected an AS number, a network or an address, found "${what}"`);
  }
  const table: PrefixTable = buildPrefixTable(prefixes);
  return { ofNumber: (number) => ofNumbers.get(number), ofAddress: (ip) => classes[table.find(ip)] };
}
