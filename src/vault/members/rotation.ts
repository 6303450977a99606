/** M2: what should be rotated once a person is gone. */
import { accessWhenActive, hasCell } from '#model/access.ts';
import type { Act } from '../act/context.ts';
import { groupGrantsOfMember } from '../authorization/group-access.ts';
import type { MemberWithAccess } from '../authorization/member-access.ts';
import { byText } from '../common/scope.ts';
import type { MemberTable } from '../store/schema.ts';
import { findTemplate } from '../templates/templates.ts';

/** As the audit entry of the removal tells it. */
export interface ToRotate {
  /** `project/secret` */
  readonly rotate: string[];
  /** Keys of machines whose private half the person was shown, brought, or could have made by a token. */
  readonly rotateKeys: { machine: string; fingerprint: string }[];
}

/**
 * The living secrets whose values the person could set or hand to a machine, or may read by a key of a machine. People
 * never read values on this server otherwise, so who could only see a secret's name knows nothing to rotate. Asked
 * before the membership ends: its groups are forgotten with it.
 */
export async function toRotate(act: Act, { row, access }: MemberWithAccess): Promise<ToRotate> {
  const template = access.template === null ? undefined : await findTemplate(act, access.template);
  const effective = accessWhenActive(access, () => template, await groupGrantsOfMember(act.db, row.id));
  const secrets = await act.db
    .selectFrom('secrets')
    .innerJoin('projects', 'projects.id', 'secrets.project_id')
    .select(['secrets.id', 'secrets.name', 'projects.name as project'])
    .where('secrets.vault_id', '=', act.vault.id)
    .where('secrets.deleted_at', 'is', null)
    .execute();
  const readByKey = await secretsReadByKeysOf(act, row);
  return {
    rotate: secrets
      .filter(({ id, project }) => readByKey.has(id) || hasCell(effective, 'Secrets: Manage', project))
      .map(({ project, name }) => `${project}/${name}`)
      .sort(byText),
    rotateKeys: await keysOf(act, row),
  };
}

async function keysOf(act: Act, { account_id }: MemberTable): Promise<ToRotate['rotateKeys']> {
  const keys = await act.db
    .selectFrom('machine_keys')
    .innerJoin('machines', 'machines.id', 'machine_keys.machine_id')
    .select(['machines.name as machine', 'fingerprint'])
    .where('machine_keys.vault_id', '=', act.vault.id)
    .where('maker', '=', account_id)
    .execute();
  return keys.sort((a, b) => byText(a.machine, b.machine) || byText(a.fingerprint, b.fingerprint));
}

async function secretsReadByKeysOf(act: Act, { account_id }: MemberTable): Promise<ReadonlySet<string>> {
  const granted = await act.db
    .selectFrom('machine_secrets')
    .select('secret_id')
    .distinct()
    .where('machine_id', 'in', (db) =>
      db
        .selectFrom('machine_keys')
        .select('machine_id')
        .where('vault_id', '=', act.vault.id)
        .where('maker', '=', account_id),
    )
    .execute();
  return new Set(granted.map(({ secret_id }) => secret_id));
}
