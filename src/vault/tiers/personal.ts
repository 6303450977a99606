/**
 * O1: a personal vault has its owner alone until it is converted.
 *
 * Decides O1: what a personal vault refuses.
 */
import { refuse } from '../common/domain-error.ts';
import type { VaultTable } from '../store/schema.ts';

/** Throws `PersonalVault`: members, invites, templates and groups are an organization's. */
export function requireOrganization({ kind }: Pick<VaultTable, 'kind'>): void {
  if (kind === 'Organization') return;
  throw refuse(
    'PersonalVault',
    'A personal vault has no members, invites, templates and groups.',
    'Convert it to an organization: POST /api/v1/vaults/{vaultId}/conversion.',
  );
}
