/** Names that machines, projects and groups take, and what managers kept about whatever had them before. */
import type { Act } from '../act/context.ts';
import { requireNewName } from '../act/new-name.ts';

const KINDS = { project: 'Project', machine: 'MachineBinding', group: 'Group' } as const;

/**
 * For what is made, or named anew: a record of that name is of something that is gone, and does not make a manager's what
 * somebody else makes (rail 11). A step puts its own afterwards. Throws DomainError `Invalid`, `NameTaken`.
 */
export async function takeName(act: Act, kind: keyof typeof KINDS, name: string): Promise<void> {
  await requireNewName(act, kind, name);
  await act.db
    .deleteFrom('records')
    .where('vault_id', '=', act.vault.id)
    .where('kind', '=', KINDS[kind])
    .where('key', '=', name)
    .execute();
}
