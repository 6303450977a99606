import { createHash } from 'node:crypto';

/**
 * Who holds a lease, beside the manager's name (rail 10): of what is stored and of where it runs, so that a namespace
 * which was restored or cloned elsewhere is another installation. Not a secret, and tells nothing of either.
 */
export function installationId(stored: string, place: string): string {
  return createHash('sha256')
    .update(JSON.stringify(['installation', stored, place]))
    .digest('hex')
    .slice(0, 16);
}
