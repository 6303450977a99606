/** Decides V1: the ETag of a vault. */
import type { VaultTable } from '../store/schema.ts';

/** V1: epoch and configuration revision. */
export function etagOf({ epoch, revision }: Pick<VaultTable, 'epoch' | 'revision'>): string {
  return `"${epoch}.${revision}"`;
}
