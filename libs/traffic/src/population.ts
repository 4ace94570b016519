import { mix, type Random } from './random.js';

/** A country whose addresses the clients have: first octets that a large access provider of the country holds, and how common they are here. */
export interface Region {
  readonly country: string;
  readonly prefixes: readonly string[];
}

export const regions: readonly Region[] = [
  { country: 'US', prefixes: ['73.12', '73.71', '98.200', '98.207', '76.21', '24.5'] },
  { country: 'DE', prefixes: ['91.10', '84.130', '87.150', '93.200'] },
  { country: 'GB', prefixes: ['86.140', '81.130', '109.150'] },
  { country: 'FR', prefixes: ['90.20', '86.200', '92.130'] },
  { country: 'JP', prefixes: ['126.20', '126.75', '133.200'] },
  { country: 'BR', prefixes: ['177.20', '189.10', '201.20'] },
  { country: 'AU', prefixes: ['1.130', '58.160', '101.160'] },
  { country: 'IN', prefixes: ['117.200', '59.90', '106.200'] },
];

/** Shares of the regions among the clients, in their order; they add up to 1. */
const shares = [0.42, 0.16, 0.12, 0.09, 0.07, 0.06, 0.04, 0.04];

const givenNames = [
  'ada',
  'ben',
  'carla',
  'dimitri',
  'elif',
  'farah',
  'goran',
  'hana',
  'ivo',
  'jonas',
  'kai',
  'lena',
  'maria',
  'nils',
  'olga',
  'pablo',
  'rosa',
  'sven',
  'tara',
  'yuki',
];
const surnames = [
  'adler',
  'bauer',
  'costa',
  'dubois',
  'eriksen',
  'ferrari',
  'garcia',
  'hughes',
  'ivanov',
  'jensen',
  'kumar',
  'lopez',
  'meyer',
  'novak',
  'okafor',
  'patel',
  'rossi',
  'sato',
  'tanaka',
  'weber',
];

const agents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0',
  'ShopApp/6.4.1 (iOS 18.6; iPhone15,3)',
  'ShopApp/6.4.0 (Android 15; SM-S921B)',
  'ShopApp/6.3.9 (Android 14; moto g84)',
  'okhttp/4.12.0',
  'python-requests/2.32.3',
  'Go-http-client/2.0',
  'PostmanRuntime/7.43.0',
];

/** The people and programs that use the API on an ordinary day. Everything about one follows from its number, so a million of them need no memory. */
export interface Client {
  address: string;
  user: string;
  agent: string;
}

/** Clients by number: `fill` writes into one object, since a new one for each line would be most of the cost. */
export function fillClient(into: Client, index: number, seed: number): void {
  const bits = mix(index ^ seed);
  into.address = addressIn(regions[regionOf(bits)]!, mix(bits));
  into.user = userName(index);
  into.agent = agents[mix(bits ^ 0x51ed270b) % agents.length]!;
}

/** Names are unique: two words for the first 400, then with a number. */
export function userName(index: number): string {
  const name = `${givenNames[index % 20]}.${surnames[Math.floor(index / 20) % 20]}`;
  return index < 400 ? name : name + Math.floor(index / 400);
}

/** Third octets below 200 belong to ordinary clients, the rest to planted traffic: a planted address is never an ordinary one. */
function addressIn({ prefixes }: Region, bits: number): string {
  return `${prefixes[bits % prefixes.length]}.${(bits >>> 8) % 200}.${1 + ((bits >>> 16) % 254)}`;
}

function regionOf(bits: number): number {
  let rest = (bits >>> 8) / 16777216;
  for (let i = 0; i < shares.length; i++) {
    rest -= shares[i]!;
    if (rest < 0) return i;
  }
  return 0;
}

/** Hands out addresses and users of planted traffic, none twice. */
export class Cast {
  readonly #addresses = new Set<string>();
  #users = 0;

  constructor(private readonly random: Random) {}

  /** An address nobody else has, of a country or of any. */
  address(country?: string): string {
    const region = country === undefined ? this.random.pick(regions) : regions.find((other) => other.country === country);
    const prefixes = (region ?? regions[0]!).prefixes;
    for (;;) {
      const made = `${this.random.pick(prefixes)}.${this.random.between(200, 255)}.${this.random.between(1, 254)}`;
      if (this.#addresses.has(made)) continue;
      this.#addresses.add(made);
      return made;
    }
  }

  /** A user nobody else has. */
  user(): string {
    this.#users++;
    return `${this.random.pick(givenNames)}.${this.random.pick(surnames)}-${this.#users.toString(36)}`;
  }

  agent(): string {
    return this.random.pick(agents);
  }
}
