/** Another name for a secret, where nobody declares the one that it has. */
import type { Act } from '../act/context.ts';
import { requireNewSecretName } from '../act/new-name.ts';
import { refuse } from '../common/domain-error.ts';
import { clearTombstones } from '../managed/tombstones.ts';
import { projectNamed } from '../projects/projects.ts';
import { secretNamed } from './secrets.ts';

/**
 * Machines keep their grants, which are by id, and see the new name. A name that Git declares is not changed here:
 * the next pass would make another secret under it, and take the grants of this one away. Nor is a value given a
 * name that Git declares: the next pass would grant it to machines, which takes a holder of Machines: Manage (H1).
 * Throws DomainError `NotFound`, `NameTaken`, `Foreign`.
 */
export async function renameSecret(act: Act, projectName: string, name: string, to: string): Promise<void> {
  const project = await projectNamed(act, projectName);
  const secret = await secretNamed(act, project, name);
  await requireNewSecretName(act, project, to);
  await checkUndeclared(act, projectName, name);
  await checkUndeclared(act, projectName, to);
  await act.db
    .updateTable('secrets')
    .set({ name: to, revision: act.nextSecretRevision })
    .where('id', '=', secret.id)
    .execute();
  act.movesSecrets();
  await act.audit({
    action: 'secret.renamed',
    subject: { kind: 'Secret', key: `${projectName}/${to}` },
    details: { id: secret.id, before: name, after: to },
  });
  // A secret has that name by a person's word.
  await clearTombstones(act, { kind: 'Project', key: projectName }, ['SecretDeleted'], [to]);
}

/** Throws `Foreign` where a manager knows the secret of that name by it. */
export async function checkUndeclared(act: Act, project: string, name: string): Promise<void> {
  const records = await act.db
    .selectFrom('records')
    .select(['kind', 'key', 'manager', 'applied'])
    .where('vault_id', '=', act.vault.id)
    .where('kind', 'in', ['Project', 'MachineBinding'])
    // Narrows what is parsed: the name stands in the text as JSON has it.
    .where('applied', 'like', `%${asPattern(JSON.stringify(name))}%`)
    .execute();
  for (const { kind, key, manager, applied } of records) {
    if (!declares(JSON.parse(applied), kind === 'Project' && key === project ? null : project, name))
      continue;
    throw refuse(
      'Foreign',
      `${kind} ${key}, which is managed by ${manager}, declares the secret ${name} by its name.`,
      'Names that Git declares change in Git; a value is set under them here.',
    );
  }
}

/** In a `_` or `%` of LIKE the name would only find more than it must; the backslash alone could hide it. */
function asPattern(text: string): string {
  return text.replaceAll('\\', '_');
}

/** `project` null: the names stand in a list of the whole; else in that of the project. */
function declares(applied: unknown, project: string | null, name: string): boolean {
  const { secrets, access } = (applied ?? {}) as { readonly secrets?: unknown; readonly access?: unknown };
  if (project === null) return Array.isArray(secrets) && secrets.includes(name);
  if (!Array.isArray(access)) return false;
  return access.some((one: { readonly project?: unknown; readonly secrets?: unknown } | null) => {
    return one?.project === project && Array.isArray(one.secrets) && one.secrets.includes(name);
  });
}
