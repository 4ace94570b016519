import { readFileSync } from 'node:fs';

/** Something planted, whoever planted it. Times in milliseconds. */
export interface Planted {
  readonly kind: string;
  /** Names of shipped rules that must tell of it; for an outside truth: any of them suffices. */
  readonly rules: readonly string[];
  readonly anyOf: boolean;
  readonly quiet: readonly string[];
  readonly addresses: readonly string[];
  readonly user: string | undefined;
  readonly path: string | undefined;
  readonly first: number;
  readonly last: number;
}

/** A signal as far as the comparison needs it. */
export interface Found {
  readonly rule: string;
  readonly address: string | undefined;
  readonly addresses: readonly string[];
  readonly group: Readonly<Record<string, string>>;
  readonly first: number;
  readonly last: number;
}

/** Which shipped rules speak of the kinds of an outside truth; of a kind that is not named here, any rule. */
const rulesOfKind: Readonly<Record<string, readonly string[]>> = {
  bruteforce: ['login_burst', 'login_burst_heavy', 'login_burst_fast'],
  probe404: ['path_scan', 'path_scan_fast', 'path_scan_heavy'],
  probe403: ['denied_burst', 'denied_burst_fast'],
  scanner: ['attack_tool', 'attack_tool_burst'],
  sqli: ['sql_injection', 'injection_burst'],
  xss: ['cross_site_scripting', 'injection_burst'],
  traversal: ['path_traversal', 'system_file_read', 'injection_burst'],
  flood: ['high_rate', 'flood', 'flood_critical'],
  distributed: ['distributed_guessing'],
};

interface TruthLine {
  readonly kind: string;
  readonly rules?: readonly string[];
  readonly quiet?: readonly string[];
  readonly address?: string;
  readonly ip?: string;
  readonly addresses?: readonly string[];
  readonly ips?: readonly string[];
  readonly user?: string;
  readonly path?: string;
  readonly key?: string;
  readonly first: number;
  readonly last: number;
}

/** Reads a truth file: of `gatewatch generate`, or an array of `{kind, ip | ips, key?, first, last}` with times in seconds or milliseconds. */
export function readTruth(file: string): Planted[] {
  return (JSON.parse(readFileSync(file, 'utf8')) as TruthLine[]).map(plantedFrom);
}

/** One line of a truth. */
export function plantedFrom(line: TruthLine): Planted {
  const single = line.address ?? line.ip;
  return {
    kind: line.kind,
    rules: line.rules ?? rulesOfKind[line.kind] ?? [],
    anyOf: line.rules === undefined,
    quiet: line.quiet ?? [],
    addresses: [...(single === undefined ? [] : [single]), ...(line.addresses ?? line.ips ?? [])],
    user: line.user,
    path: line.path ?? line.key,
    first: millis(line.first),
    last: millis(line.last),
  };
}

/** Reads what `scan --json` printed. */
export function readFound(file: string, names: ReadonlyMap<string, string>): Found[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => foundOf(JSON.parse(line) as AlertDocument, names));
}

interface AlertDocument {
  readonly rule: { readonly id: string };
  readonly event: { readonly start: string; readonly end: string };
  readonly related?: { readonly ip?: readonly string[] };
  readonly gatewatch: { readonly signal: { readonly group: Readonly<Record<string, string>> } };
}

function foundOf({ rule, event, related, gatewatch }: AlertDocument, names: ReadonlyMap<string, string>): Found {
  const { group } = gatewatch.signal;
  return {
    rule: names.get(rule.id) ?? rule.id,
    address: group['source.ip'],
    addresses: related?.ip ?? [],
    group,
    first: Date.parse(event.start),
    last: Date.parse(event.end),
  };
}

/** What a comparison found. */
export interface Comparison {
  readonly kinds: ReadonlyMap<string, { planted: number; found: number; byAnyRule: number }>;
  readonly nearMisses: number;
  /** Near misses for which a rule fired that must not. */
  readonly accusedNearMisses: readonly string[];
  /** Signals about an address, user or route that nothing was planted for. */
  readonly accusedClean: readonly string[];
  /** Planted attacks of whose rules not all fired: kind and rules. */
  readonly missed: readonly string[];
}

export function compare(truth: readonly Planted[], found: readonly Found[]): Comparison {
  const kinds = new Map<string, { planted: number; found: number; byAnyRule: number }>();
  const missed: string[] = [];
  const accusedNearMisses: string[] = [];
  for (const planted of truth) {
    const about = found.filter((signal) => concerns(planted, signal));
    const loud = planted.quiet.filter((rule) => about.some((signal) => signal.rule === rule));
    if (loud.length) accusedNearMisses.push(`${planted.kind} ${nameOf(planted)}: ${loud.join(', ')}`);
    if (planted.kind === 'near_miss') continue;
    const silent = planted.rules.filter((rule) => !about.some((signal) => signal.rule === rule));
    const hit = planted.anyOf ? about.length > 0 && silent.length < Math.max(1, planted.rules.length) : silent.length === 0;
    const kind = kinds.get(planted.kind) ?? { planted: 0, found: 0, byAnyRule: 0 };
    kinds.set(planted.kind, kind);
    kind.planted++;
    if (hit) kind.found++;
    else missed.push(`${planted.kind} ${nameOf(planted)}: ${silent.join(', ')}`);
    if (about.length) kind.byAnyRule++;
  }
  const nearMisses = truth.filter(({ kind }) => kind === 'near_miss').length;
  return { kinds, nearMisses, accusedNearMisses, accusedClean: cleanAccused(truth, found), missed };
}

/** Stamps of combined format have whole seconds, so what was planted may begin a second before its first line. */
const slack = 1000;

/** Whether a signal is about what was planted: the same time, and the same address, user or path. */
export function concerns(planted: Planted, signal: Found): boolean {
  if (signal.last < planted.first - slack || signal.first > planted.last + slack) return false;
  const { addresses, user, path } = planted;
  if (signal.address !== undefined) return addresses.includes(signal.address);
  const subjects = Object.values(signal.group);
  if (user !== undefined && subjects.includes(user)) return true;
  if (path !== undefined && subjects.includes(path)) return true;
  return signal.addresses.some((address) => addresses.includes(address));
}

function cleanAccused(truth: readonly Planted[], found: readonly Found[]): string[] {
  const addresses = new Set(truth.flatMap((planted) => planted.addresses));
  const others = new Set(truth.flatMap(({ user, path }) => [user, path].filter((name) => name !== undefined)));
  const accused = found.filter(({ address, addresses: related, group }) => {
    if (address !== undefined) return !addresses.has(address);
    return !Object.values(group).some((name) => others.has(name)) && !related.some((one) => addresses.has(one));
  });
  return [...new Set(accused.map(({ rule, group }) => `${Object.values(group).join(' ') || 'all'}: ${rule}`))];
}

function nameOf({ addresses, user, path }: Planted): string {
  return user ?? (addresses.length === 1 ? addresses[0]! : (path ?? `${addresses.length} addresses`));
}

function millis(time: number): number {
  return time < 1e11 ? time * 1000 : time;
}
