import ipaddr from 'ipaddr.js';

/** A CIDR block. IPv4 in IPv6 clothes (`::ffff:10.0.0.1`) counts as IPv4. */
export class AddressBlock {
  private constructor(
    readonly text: string,
    private readonly bytes: readonly number[],
    private readonly length: number,
    private readonly v4: { readonly network: number; readonly mask: number },
  ) {}

  /** Reads `10.0.0.0/8`, `2001:db8::/32` or a single address; `undefined` for anything else. */
  static parse(text: string): AddressBlock | undefined {
    const trimmed = text.trim();
    try {
      const address = trimmed.includes('/') ? undefined : ipaddr.parse(trimmed);
      const [network, prefix] = address ? ([address, address.kind() === 'ipv4' ? 32 : 128] as const) : ipaddr.parseCIDR(trimmed);
      const inClothes = network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && prefix >= 96;
      const [bytes, length] = inClothes ? [network.toIPv4Address().toByteArray(), prefix - 96] : [network.toByteArray(), prefix];
      const mask = length === 0 ? 0 : (-1 << (32 - Math.min(length, 32))) >>> 0;
      const number = bytes.length === 4 ? (((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) & mask) >>> 0 : 0;
      return new AddressBlock(trimmed, bytes, length, { network: number, mask });
    } catch {
      return undefined; // ipaddr.js throws for what is no address; the caller names the place.
    }
  }

  has(address: string): boolean {
    const v4 = parseV4(address);
    if (v4 >= 0) return this.bytes.length === 4 && (v4 & this.v4.mask) >>> 0 === this.v4.network;
    if (!address.includes(':') || address.length > 50 || !ipaddr.isValid(address)) return false;
    const bytes = ipaddr.process(address).toByteArray();
    if (bytes.length !== this.bytes.length) return false;
    for (let bit = 0; bit < this.length; bit += 8) {
      const rest = this.length - bit;
      const mask = rest >= 8 ? 0xff : (0xff << (8 - rest)) & 0xff;
      if ((bytes[bit >> 3]! & mask) !== (this.bytes[bit >> 3]! & mask)) return false;
    }
    return true;
  }
}

/** A dotted quad as an unsigned number, -1 for anything else. No leading zeros: some read them as octal. */
function parseV4(text: string): number {
  if (text.length < 7 || text.length > 15) return -1;
  let address = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) {
      if (octet === 0) return -1;
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 255) return -1;
    } else if (digit === -2 && octet >= 0) {
      address = address * 256 + octet;
      octet = -1;
      dots++;
    } else return -1;
  }
  return dots === 3 && octet >= 0 ? address * 256 + octet : -1;
}
