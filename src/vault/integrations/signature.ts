import { createHmac } from 'node:crypto';

/**
 * The header `seneschal-signature`: `t=<seconds since the epoch>,v1=<hex of HMAC-SHA-256 over "<t>.<body>">`. The time
 * is signed with the body, so that who receives it can refuse what is old.
 */
export function signatureOf(secret: string, seconds: number, body: string): string {
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`, 'utf8').digest('hex');
  return `t=${seconds},v1=${mac}`;
}
