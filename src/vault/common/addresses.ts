/** Ranges of source addresses, IPv4 and IPv6. Pure. */
import { BlockList, isIP, isIPv4 } from 'node:net';

const PREFIX = /^(.+)\/(\d{1,3})$/;

/** Whether a text is a CIDR range (`10.0.0.0/8`, `2001:db8::/32`) or one address. */
export function isAddressRange(text: string): boolean {
  return parsed(text) !== null;
}

/** A list of ranges; one address stands for itself. IPv4 written as IPv6 is taken as IPv4. */
export class AddressList {
  readonly ranges: readonly string[];
  readonly #list = new BlockList();

  /** Throws RangeError where a text is no range. */
  constructor(ranges: readonly string[]) {
    this.ranges = ranges;
    for (const text of ranges) {
      const range = parsed(text);
      if (range === null) throw new RangeError('not a range of addresses');
      this.#list.addSubnet(range.address, range.prefix, range.family);
    }
  }

  /** False for a text that is no address. */
  has(address: string): boolean {
    if (this.ranges.length === 0) return false;
    const plain = plainAddress(address);
    if (isIP(plain) === 0) return false;
    return this.#list.check(plain, familyOf(plain));
  }
}

/** An address as it is compared and shown: IPv4 in IPv6 as IPv4, without the zone of a link-local one. */
export function plainAddress(address: string): string {
  if (!address.includes(':')) return address;
  const unzoned = address.split('%', 1)[0] ?? '';
  return unzoned.replace(/^::ffff:(?=\d+\.)/i, '');
}

function parsed(text: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } | null {
  const [, before, digits] = PREFIX.exec(text) ?? [];
  const address = before ?? text;
  if (isIP(address) === 0 || address.includes('%')) return null;
  const family = familyOf(address);
  const longest = family === 'ipv4' ? 32 : 128;
  const prefix = digits === undefined ? longest : Number(digits);
  return prefix > longest ? null : { address, prefix, family };
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}
