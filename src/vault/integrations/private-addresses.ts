/** Which addresses a webhook may go to. Pure. */
import { isIP } from 'node:net';
import { AddressList, plainAddress } from '../common/addresses.ts';

/**
 * What is not of the public internet: the special-purpose registries of IANA (RFC 6890), and the ranges of IPv6 that
 * carry an IPv4 address within (NAT64, 6to4, Teredo, compatible), which would lead back to one of these.
 */
const NOT_PUBLIC = new AddressList([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16'],
  ...['3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
]);

/** Whether a request may be made to this address; IPv4 written as IPv6 is taken as IPv4, a text that is no address as private. */
export function mayBeCalled(address: string, allowed: AddressList): boolean {
  const plain = plainAddress(address);
  return isIP(plain) !== 0 && (!NOT_PUBLIC.has(plain) || allowed.has(plain));
}
