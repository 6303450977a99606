/**
 * A thing under another name, in all that managers and people's cuts know by name; the thing itself was renamed before, and
 * access is kept by id.
 *
 * Decides P2: what a rename by automation needs.
 */
import { NAME_KEPT_FOR, namesIt, type Rename, renamedRecord, renamedTombstone } from '#model/rename.ts';
import type { ActionOf } from '#model/step.ts';
import type { StepRequest } from '#protocol/management.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { checkNameKept, keepName } from './former-names.ts';
import { managerOf, recordsOf } from './records.ts';
import { tombstoneOf } from './tombstones.ts';

/**
 * What the step renames. Throws `Invalid` where it does not say so in one voice, `Foreign` where the thing did not come from the
 * same manager and origin, `NameTaken` where something of the new name is managed, `NameKept`, and `RenameReferenced` where
 * another manager names it.
 */
export async function checkRename(
  act: Act,
  { kind: step, key, before, after }: ActionOf<'RenameProject' | 'RenameTemplate'>,
  { record }: Pick<StepRequest, 'record'>,
): Promise<Rename> {
  const kind = step === 'RenameProject' ? 'Project' : 'PermissionTemplate';
  const { name: from } = before;
  if (record == null || after.name !== key || from === key) {
    throw refuse('Invalid', 'A rename has the new name as its key, and the record of the thing under it.');
  }
  const records = await recordsOf(act.db, act.vault.id);
  const own = records.find((one) => one.kind === kind && one.key === from);
  if (own?.manager !== record.manager || own.origin !== record.origin) {
    throw refuse('Foreign', `No ${kind} ${from} came from ${record.origin} by ${record.manager}.`);
  }
  if ((await managerOf(act, { kind, key })) !== null) {
    throw refuse('NameTaken', `There is a record of ${kind} ${key} already.`);
  }
  await checkNameKept(act, { kind, key }, record);
  const other = records.find(
    ({ manager, applied }) => manager !== record.manager && namesIt(applied, kind, from),
  );
  if (other !== undefined) {
    throw refuse(
      'RenameReferenced',
      `${other.kind} ${other.key}, which is managed by ${other.manager}, names ${kind} ${from}.`,
    );
  }
  return { kind, from, to: key };
}

/** Records, cuts, and for whom the former name is kept: whose record the step brings. */
export async function renameManaged(
  act: Act,
  rename: Rename,
  { record }: Pick<StepRequest, 'record'>,
): Promise<void> {
  if (record == null) return;
  const { manager, origin } = record;
  await renameRecords(act, rename);
  await renameTombstones(act, rename);
  const { kind, from: key } = rename;
  await keepName(act, { kind, key, manager, origin, until: act.now + NAME_KEPT_FOR });
}

async function renameRecords({ db, vault }: Act, rename: Rename): Promise<void> {
  for (const record of await recordsOf(db, vault.id)) {
    const { key, applied, renamedFrom } = renamedRecord(record, rename);
    if (key === record.key && applied === record.applied) continue;
    await db
      .updateTable('records')
      .set({ key, applied: JSON.stringify(applied), renamed_from: renamedFrom ?? null })
      .where('vault_id', '=', vault.id)
      .where('kind', '=', record.kind)
      .where('key', '=', record.key)
      .execute();
  }
}

async function renameTombstones({ db, vault }: Act, rename: Rename): Promise<void> {
  const rows = await db.selectFrom('tombstones').selectAll().where('vault_id', '=', vault.id).execute();
  for (const row of rows) {
    const before = tombstoneOf(row);
    const { key, item } = renamedTombstone(before, rename);
    if (key === before.key && item === before.item) continue;
    await db
      .updateTable('tombstones')
      .set({ key, item: item ?? '' })
      .where('vault_id', '=', vault.id)
      .where('kind', '=', row.kind)
      .where('key', '=', row.key)
      .where('entry', '=', row.entry)
      .where('act', '=', row.act)
      .where('item', '=', row.item)
      .execute();
  }
}
