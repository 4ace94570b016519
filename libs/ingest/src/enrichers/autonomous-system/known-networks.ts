import type { SourceClass } from './config.js';

/** Large networks whose AS number is public knowledge. Not complete, and need not be: names tell most of the others. */
const numbers: Readonly<Record<SourceClass, readonly number[]>> = {
  // Amazon, Microsoft, Google Cloud, Oracle, IBM, Alibaba, Tencent, Huawei, DigitalOcean, OVH, Hetzner, Akamai/Linode, Vultr, Scaleway, Contabo,
  // Leaseweb, IONOS, Hostinger, netcup, Selectel, Equinix Metal, BuyVM, NetActuate.
  hosting: [
    16509, 14618, 8987, 8075, 8068, 396982, 31898, 36351, 37963, 45102, 45090, 132203, 55990, 136907, 14061, 62567, 16276, 24940, 213230,
    63949, 20473, 12876, 51167, 40021, 60781, 28753, 30633, 59253, 8560, 47583, 197540, 49505, 54825, 53667, 36236,
  ],
  // M247, Datacamp: most VPN brands' exits.
  vpn: [9009, 60068, 212238],
  // Zwiebelfreunde, Foundation for Applied Privacy, Emerald Onion.
  tor: [60729, 208323, 396507],
  // Cloudflare (WARP), Akamai and Fastly as relays of iCloud.
  relay: [13335, 36183, 54113],
  mobile: [],
};

export const classOfNumber: ReadonlyMap<number, SourceClass> = new Map(
  Object.entries(numbers).flatMap(([name, list]) => list.map((number) => [number, name as SourceClass] as const)),
);

const names: readonly (readonly [SourceClass, RegExp])[] = [
  ['tor', /\btor ?servers\b|\btor exit\b|\bemerald onion\b|\bzwiebelfreunde\b/i],
  ['vpn', /\b\w{0,20}vpn\b|\bmullvad\b|\bsurfshark\b|\bproton ag\b|\bwindscribe\b/i],
  [
    'hosting',
    /\b(?:web ?)?host(?:ing|er|ers)?\b|\bdata ?cent(?:er|re)s?\b|\bcolo(?:cation)?\b|\bvps\b|\bdedicated servers?\b|\bservers\b|\bcloud\b/i,
  ],
  ['mobile', /\bmobile\b|\bwireless\b|\bcellular\b|\bmoviles?\b|\bmobil\b/i],
];

/** Class by the name of the organisation. */
export function classOfName(name: string): SourceClass | undefined {
  const text = name.length > 256 ? name.slice(0, 256) : name;
  return names.find(([, pattern]) => pattern.test(text))?.[0];
}
