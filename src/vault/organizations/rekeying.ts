/**
 * O5: another key for each project, and the data keys below it wrapped anew; the values stay as they are.
 *
 * Decides O5: that each project gets another key.
 */
import type { Act, VaultContext } from '../act/context.ts';

/** Marks the keys that there are; they are replaced one project a transaction, now or after a kill. */
export async function markForRekeying(act: Act): Promise<number> {
  const marked = await act.db
    .updateTable('projects')
    .set({ rekey_due: 1 })
    .where('vault_id', '=', act.vault.id)
    .where('wrapped_key', 'is not', null)
    .returning('id')
    .execute();
  return marked.length;
}

/**
 * Replaces the keys that are marked, of one vault or of all. A sealed server leaves them for when it has its root key; a key that does not open
 * is left and reported, and keeps no other waiting. Machines read all the time: key and data keys change in one commit.
 */
export async function rekeyProjects(
  context: Pick<VaultContext, 'reader' | 'act' | 'cipher'>,
  report: (error: unknown) => void,
  vaultId?: string,
): Promise<void> {
  if (context.cipher.isSealed) return;
  const due = await context.reader
    .selectFrom('projects')
    .select(['id', 'vault_id'])
    .where('rekey_due', '=', 1)
    .$if(vaultId !== undefined, (rows) => rows.where('vault_id', '=', vaultId ?? ''))
    .orderBy('id')
    .execute();
  for (const { id, vault_id } of due) {
    try {
      await context.act(vault_id, { type: 'system' }, (act) => rekeyProject(act, id));
    } catch (error) {
      report(error);
    }
  }
}

async function rekeyProject(act: Act, projectId: string): Promise<void> {
  const { db, cipher } = act;
  // Looked at again under the lock: another replica does the same.
  const project = await db
    .selectFrom('projects')
    .select(['name', 'wrapped_key', 'root_key_id'])
    .where('id', '=', projectId)
    .where('rekey_due', '=', 1)
    .executeTakeFirst();
  if (project === undefined || project.wrapped_key === null || project.root_key_id === null) return;
  const { wrapped_key, root_key_id } = project;
  const { key, rewrapped } = cipher.replaceProjectKey(projectId, { wrapped_key, root_key_id });
  const versions = await db
    .selectFrom('secret_versions')
    .innerJoin('secrets', 'secrets.id', 'secret_versions.secret_id')
    .select(['secret_id', 'version', 'secret_versions.wrapped_key'])
    .where('secrets.project_id', '=', projectId)
    .execute();
  for (const { secret_id, version, wrapped_key: dataKey } of versions) {
    await db
      .updateTable('secret_versions')
      .set({ wrapped_key: rewrapped(dataKey, secret_id) })
      .where('secret_id', '=', secret_id)
      .where('version', '=', version)
      .execute();
  }
  await db
    .updateTable('projects')
    .set({ ...key, rekey_due: 0 })
    .where('id', '=', projectId)
    .execute();
  await act.auditOnly(
    {
      action: 'project.key-rotated',
      subject: { kind: 'Project', key: project.name },
      details: { id: projectId, versions: versions.length },
    },
    'none',
  );
}
