/**
 * Secrets on their way into the trash, by people (P2). Machines lose them with the commit.
 *
 * Decides P2: that the name is typed, and the secrets within go too.
 */
import { actorName } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { byText } from '../common/scope.ts';
import { recordTombstone } from '../managed/tombstones.ts';
import { projectNamed } from '../projects/projects.ts';
import { secretNamed } from './secrets.ts';

/**
 * A secret goes to the trash, and with it the grants of machines: who restores it need not be who may grant (H1). Git gives
 * it back by its entry alone, whether it is declared by now or later: its name is never given another value by itself (rail 7).
 * Throws DomainError `NotFound`.
 */
export async function trashSecret(act: Act, projectName: string, name: string): Promise<void> {
  const { db } = act;
  const secret = await secretNamed(act, await projectNamed(act, projectName), name);
  const readers = await db
    .selectFrom('machine_secrets')
    .innerJoin('machines', 'machines.id', 'machine_secrets.machine_id')
    .select('machines.name')
    .where('secret_id', '=', secret.id)
    .execute();
  await db.deleteFrom('machine_secrets').where('secret_id', '=', secret.id).execute();
  await db
    .updateTable('secrets')
    .set({ deleted_at: act.now, deleted_by: actorName(act.actor), deleted_with_project: 0 })
    .where('id', '=', secret.id)
    .execute();
  const entry = await act.audit({
    action: 'secret.trashed',
    subject: { kind: 'Secret', key: `${projectName}/${name}` },
    details: { id: secret.id, machines: readers.map(({ name }) => name).sort(byText) },
  });
  await recordTombstone(act, entry, {
    ...{ kind: 'Project', key: projectName, act: 'SecretDeleted' },
    ...{ item: name, thing: secret.id },
  });
}
