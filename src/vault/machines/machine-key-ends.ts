/**
 * The end of a key by automation: judged in the transaction that ends it, by the last use as it is known then.
 *
 * Decides V4: that a key ends only as the rules of its end say.
 */
import { type KeyEnd, keyEndVerdict, LOST_AFTER } from '#model/key-ends.ts';
import { shellWord } from '#model/shell-word.ts';
import type { Act } from '../act/context.ts';
import { DomainError, refuse } from '../common/domain-error.ts';
import type { MachineKeyTable, MachineTable } from '../store/schema.ts';
import { keepCompromised } from './compromised-keys.ts';

/** A key that ended, as its audit entry says it. */
export interface EndedKey {
  readonly addedAt: number;
  readonly lastUsedAt: number | null;
  readonly lastUsedFrom: string | null;
  /** How many the machine has left. */
  readonly keysLeft: number;
}

/**
 * The next request by the key is refused. Throws `NotFound`, `KeyInUse`, `NotOurKey`, and `Invalid` for the only key where
 * another is to follow it, or for a lost one that is to go before `LOST_AFTER`.
 */
export async function endKey(
  act: Act,
  machine: MachineTable,
  end: KeyEnd,
  installation: string,
): Promise<EndedKey> {
  const { fingerprint, because, idleFor } = end;
  const rows = await act.db
    .selectFrom('machine_keys')
    .selectAll()
    .where('machine_id', '=', machine.id)
    .execute();
  const row = rows.find((key) => key.fingerprint === fingerprint);
  if (row === undefined) throw refuse('NotFound', `${machine.name} has no key ${fingerprint}.`);
  if (because === 'Lost' && idleFor < LOST_AFTER) {
    throw refuse('Invalid', `A key whose private half is lost ends after ${LOST_AFTER} s without use.`);
  }
  const key = standingKey(act, row);
  const circumstances = { installation, keys: rows.length, now: act.now, lag: act.keyUseLag };
  const verdict = keyEndVerdict(key, end, circumstances);
  if (verdict.is === 'NotOurs') throw notOurs(machine, end);
  if (verdict.is === 'LastKey') throw lastKey(machine, end);
  if (verdict.is === 'InUse') throw inUse(machine, fingerprint, key, verdict.until);
  await act.db
    .deleteFrom('machine_keys')
    .where('vault_id', '=', act.vault.id)
    .where('fingerprint', '=', fingerprint)
    .execute();
  if (because === 'Compromised') await keepCompromised(act, fingerprint);
  const { addedAt, lastUsedAt, lastUsedFrom } = key;
  return { addedAt, lastUsedAt, lastUsedFrom, keysLeft: rows.length - 1 };
}

/** A key with its last use as it is known by now. */
function standingKey(
  { vault, keyUses }: { readonly vault: Pick<Act['vault'], 'id'> } & Pick<Act, 'keyUses'>,
  row: Pick<
    MachineKeyTable,
    'fingerprint' | 'created_at' | 'installation' | 'last_used_at' | 'last_used_from'
  >,
) {
  const stored = { lastUsedAt: row.last_used_at, lastUsedFrom: row.last_used_from };
  const { created_at: addedAt, installation } = row;
  return { addedAt, installation, ...keyUses.lastOf(vault.id, row.fingerprint, stored) };
}

function notOurs({ name }: MachineTable, { fingerprint }: KeyEnd): DomainError {
  return refuse(
    'NotOurKey',
    `This installation did not bring the key ${fingerprint} of ${name}.`,
    `Find out who holds it; a person ends it: seneschal vault machine revoke-key ${shellWord(name)} ${fingerprint}`,
  );
}

function lastKey({ name }: MachineTable, { fingerprint }: KeyEnd): DomainError {
  return refuse(
    'Invalid',
    `${fingerprint} is the only key of ${name}, and no other follows it.`,
    'Add the key that follows first.',
  );
}

function inUse(
  { name }: MachineTable,
  fingerprint: string,
  { lastUsedAt, lastUsedFrom, addedAt }: ReturnType<typeof standingKey>,
  until: number,
): DomainError {
  const time = (at: number): string => new Date(at).toISOString();
  const used =
    lastUsedAt === null
      ? `came at ${time(addedAt)} and was not used since`
      : `was used last at ${time(lastUsedAt)} from ${lastUsedFrom ?? 'an address that was not kept'}`;
  return new DomainError({
    code: 'KeyInUse',
    status: 409,
    detail: `The key ${fingerprint} of ${name} ${used}; it may end at ${time(until)}, unless it is used again.`,
    next: `Nothing: it is asked again then. To end it now: seneschal vault machine revoke-key ${shellWord(name)} ${fingerprint}`,
    inUse: { askAgainAt: until, lastUsedAt, lastUsedFrom },
  });
}
