/** The vault as passkeys know it (WebAuthn): bound to the address that people reach it by. */
import { isIP } from 'node:net';
import { DomainError } from '../../common/domain-error.ts';
import type { Network } from '../../http/network.ts';

export interface RelyingParty {
  /** Host name. */
  readonly id: string;
  /** The only origin that an answer may be from. */
  readonly origin: string;
}

/** Throws DomainError `PasskeysNeedPublicUrl` where the server was told no address with a host name. */
export function relyingParty({ publicUrl }: Pick<Network, 'publicUrl'>): RelyingParty {
  const url = publicUrl === null ? null : new URL(publicUrl);
  // An address of digits is no domain: browsers refuse it (WebAuthn §5.1.3, effective domain).
  if (url === null || isIP(url.hostname.replaceAll(/[[\]]/g, '')) !== 0) {
    throw new DomainError({
      code: 'PasskeysNeedPublicUrl',
      status: 409,
      detail: 'Passkeys are bound to the host name of the vault, and this server was not told any.',
      next: 'Whoever runs the server sets publicUrl to the https:// address that people use.',
    });
  }
  return { id: url.hostname, origin: url.origin };
}
