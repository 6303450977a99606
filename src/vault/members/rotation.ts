/** M2: reads what the rule of `#model/rotation.ts` is decided on, for the audit entry of a removal. */
import { type RotationBasis, type ToRotate, toRotate } from '#model/rotation.ts';
import type { Act } from '../act/context.ts';
import { groupsOfMembers } from '../authorization/group-access.ts';
import type { MemberWithAccess } from '../authorization/member-access.ts';
import { grouped } from '../common/grouped.ts';
import { machineAccess, machineAccessRows } from '../machines/machine-access-rows.ts';
import type { MemberTable } from '../store/schema.ts';
import { findTemplate } from '../templates/templates.ts';

/** As the audit entry tells it. */
type RotationDetails = { readonly [Field in keyof ToRotate]: [...ToRotate[Field]] };

/** Asked before the membership ends: its groups are forgotten with it. */
export async function rotationAfter(act: Act, { row, access }: MemberWithAccess): Promise<RotationDetails> {
  const template = access.template === null ? undefined : await findTemplate(act, access.template);
  const secrets = await act.db
    .selectFrom('secrets')
    .innerJoin('projects', 'projects.id', 'secrets.project_id')
    .select(['secrets.name', 'projects.name as project'])
    .where('secrets.vault_id', '=', act.vault.id)
    .where('secrets.deleted_at', 'is', null)
    .execute();
  const basis = {
    templates: template === undefined ? [] : [template],
    groups: await groupsOfMembers(act.db, [row]),
    secrets,
    machines: await machinesOf(act, row),
  };
  const { rotate, rotateKeys } = toRotate(basis, row.email, access);
  return { rotate: [...rotate], rotateKeys: [...rotateKeys] };
}

/** The machines of which the person made a key, each with those keys alone. */
async function machinesOf(act: Act, { account_id, email }: MemberTable): Promise<RotationBasis['machines']> {
  const rows = await act.db
    .selectFrom('machine_keys')
    .innerJoin('machines', 'machines.id', 'machine_keys.machine_id')
    .select(['machines.id', 'machines.name', 'fingerprint'])
    .where('machine_keys.vault_id', '=', act.vault.id)
    .where('maker', '=', account_id)
    .execute();
  if (rows.length === 0) return [];
  const byMachine = grouped(rows, ({ id }) => id);
  const access = grouped(
    await machineAccessRows(act.db, { machines: [...byMachine.keys()] }),
    ({ machine_id }) => machine_id,
  );
  return [...byMachine].map(([id, keys]) => ({
    name: keys[0]?.name ?? '',
    keys: keys.map(({ fingerprint }) => ({ fingerprint, maker: email })),
    access: machineAccess(access.get(id) ?? []),
  }));
}
