/**
 * Automation identities (V4): the owner's delegates, each with a closed list of abilities and hard bounds.
 *
 * Decides V4: how an identity is made, revoked and ended.
 */
import { newKeyPair, type PublicKey, parsePublicKey, privatePem } from '#identity/key-pair.ts';
import { type Ceilings, DEFAULT_CEILINGS, DEFAULT_GAIN_BUDGETS } from '#model/gains.ts';
import type { Ability } from '#protocol/management.ts';
import { actorName } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { projectIds } from '../authorization/project-names.ts';
import { DomainError, refuse } from '../common/domain-error.ts';
import { byText } from '../common/scope.ts';
import { bindKeys } from '../machines/key-addresses.ts';
import type { AutomationTable } from '../store/schema.ts';
import { columnsOf, gainsSet, type SetGains, type StoredBounds } from './stored-bounds.ts';

/** An identity has at most two keys, so that one can follow the other. */
const KEY_SLOTS = 2;

export interface NewAutomation extends SetGains {
  readonly name: string;
  /** None: it only observes. */
  readonly abilities: readonly Ability[];
  readonly ceilings?: Partial<Ceilings> | undefined;
  /** Names of the projects that its acts are bounded to; left out: every project. */
  readonly projects?: readonly string[] | undefined;
  /** CIDR ranges that its requests come from; left out: anywhere. */
  readonly addresses?: readonly string[] | undefined;
  /** CIDR ranges that its machines are answered from; left out: `addresses`. */
  readonly machineAddresses?: readonly string[] | undefined;
  /** Names that it takes the lease by; left out: the one that it takes it by first. */
  readonly managers?: readonly string[] | undefined;
  /** Standard base64 of the raw 32 bytes; left out, a key pair is made and its private half answered once. */
  readonly publicKey?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
}

export interface CreatedAutomation {
  readonly id: string;
  /** PKCS#8 PEM; null where the caller brought the public key. Kept nowhere. */
  readonly privateKey: string | null;
}

/**
 * The caller has checked that the actor is the owner and proved the person anew.
 * Throws DomainError `Invalid`, `NotFound` (a project), `NameTaken`.
 */
export async function createAutomation(act: Act, fields: NewAutomation): Promise<CreatedAutomation> {
  const { name, abilities, projects, expiresAt = null } = fields;
  if (expiresAt !== null && expiresAt <= act.now) throw invalid('The time of its end is over.');
  const { publicKey, privateKey } = keyOf(fields.publicKey);
  await checkName(act, name);
  const id = act.ids.make('auto');
  const bounds: StoredBounds = {
    ceilings: { ...DEFAULT_CEILINGS, ...fields.ceilings },
    gains: gainsSet(DEFAULT_GAIN_BUDGETS, fields),
    managers: fields.managers ?? null,
    projects: projects === undefined ? null : await projectIds(act, projects),
    addresses: fields.addresses ?? null,
    machineAddresses: fields.machineAddresses ?? null,
  };
  await act.db
    .insertInto('automations')
    .values({
      id,
      vault_id: act.vault.id,
      name,
      abilities: JSON.stringify(abilities),
      created_at: act.now,
      expires_at: expiresAt,
      revoked_at: null,
      created_by: act.actor.type === 'system' ? null : actorName(act.actor),
      ...columnsOf(bounds),
    })
    .execute();
  await storeKey(act, id, publicKey);
  await bindKeys(act, { id, ...bounds });
  const { gains, ...shown } = bounds;
  await act.audit({
    action: 'automation.created',
    subject: { kind: 'Automation', key: name },
    details: {
      id,
      abilities,
      ...shown,
      ...gains,
      ceilings: { ...bounds.ceilings },
      projects: projects ?? null,
      expiresAt,
      fingerprint: publicKey.fingerprint,
    },
  });
  return { id, privateKey };
}

/** Its next request is refused, and a long poll that is open ends. Throws DomainError `NotFound`. */
export async function revokeAutomation(act: Act, id: string): Promise<void> {
  await revoke(act, await currentAutomation(act, id));
}

/** O3: the delegations of an owner end with the ownership; the new owner makes new ones. Answers their names, sorted. */
export async function revokeAllAutomations(act: Act): Promise<readonly string[]> {
  const rows = await act.db
    .selectFrom('automations')
    .selectAll()
    .where('vault_id', '=', act.vault.id)
    .where('revoked_at', 'is', null)
    .orderBy('name')
    .orderBy('id')
    .execute();
  for (const row of rows) await revoke(act, row);
  return rows.map(({ name }) => name).sort(byText);
}

/** A second key beside the first. Throws DomainError `NotFound`, `Invalid`, `KeySlotsBusy`, `FingerprintTaken`. */
export async function addAutomationKey(
  act: Act,
  id: string,
  text: string | undefined,
): Promise<{ readonly fingerprint: string; readonly privateKey: string | null }> {
  const automation = await currentAutomation(act, id);
  const { publicKey, privateKey } = keyOf(text);
  const keys = await keysOf(act, id);
  if (keys.some(({ fingerprint }) => fingerprint === publicKey.fingerprint)) {
    throw refuse('FingerprintTaken', 'The identity has this key already.');
  }
  if (keys.length >= KEY_SLOTS) {
    throw refuse('KeySlotsBusy', `${automation.name} has ${keys.length} keys.`, 'Revoke one of them first.');
  }
  await storeKey(act, id, publicKey);
  const { fingerprint } = publicKey;
  await act.audit({
    action: 'automation.key-added',
    subject: subjectOf(automation),
    details: { id, fingerprint },
  });
  return { fingerprint, privateKey };
}

/** Its next request by that key is refused. Throws DomainError `NotFound`, and `LastKey` for the only one. */
export async function revokeAutomationKey(act: Act, id: string, fingerprint: string): Promise<void> {
  const automation = await currentAutomation(act, id);
  const keys = await keysOf(act, id);
  const key = keys.find((one) => one.fingerprint === fingerprint);
  if (key === undefined) throw refuse('NotFound', `${automation.name} has no such key.`, LIST_THEM);
  if (keys.length === 1) {
    throw new DomainError({
      code: 'LastKey',
      status: 409,
      detail: `It is the only key of ${automation.name}.`,
      next: 'Add its second key first, or revoke the identity.',
    });
  }
  await act.db
    .deleteFrom('automation_keys')
    .where('automation_id', '=', id)
    .where('public_key', '=', key.text)
    .execute();
  await act.audit({
    action: 'automation.key-revoked',
    subject: subjectOf(automation),
    details: { id, fingerprint },
  });
}

const LIST_THEM = 'List them with GET /api/v1/vaults/{vaultId}/automations.';

function keyOf(text: string | undefined): {
  readonly publicKey: PublicKey;
  readonly privateKey: string | null;
} {
  if (text === undefined) {
    const made = newKeyPair();
    return { publicKey: made.publicKey, privateKey: privatePem(made.privateKey) };
  }
  const publicKey = parsePublicKey(text);
  if (publicKey === undefined) throw invalid('The public key is not the standard base64 of 32 bytes.');
  return { publicKey, privateKey: null };
}

function invalid(detail: string): DomainError {
  return refuse('Invalid', detail, 'Correct the field.');
}

/** The audit log tells identities apart by name: those that may act have one each. Throws `NameTaken`. */
async function checkName(act: Act, name: string): Promise<void> {
  const taken = await act.db
    .selectFrom('automations')
    .select('id')
    .where('vault_id', '=', act.vault.id)
    .where('name', '=', name)
    .where('revoked_at', 'is', null)
    .where(({ eb, or }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', act.now)]))
    .executeTakeFirst();
  if (taken !== undefined) throw refuse('NameTaken', `There is an automation identity ${name} already.`);
}

/** One of this vault that was not revoked. Throws `NotFound`. */
export async function currentAutomation(act: Act, id: string): Promise<AutomationTable> {
  const row = await act.db
    .selectFrom('automations')
    .selectAll()
    .where('id', '=', id)
    .where('vault_id', '=', act.vault.id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) throw refuse('NotFound', 'There is no such automation identity.', LIST_THEM);
  return row;
}

async function revoke(act: Act, automation: AutomationTable): Promise<void> {
  const { id } = automation;
  await act.db.updateTable('automations').set({ revoked_at: act.now }).where('id', '=', id).execute();
  await act.audit({ action: 'automation.revoked', subject: subjectOf(automation), details: { id } });
}

async function keysOf(act: Act, id: string): Promise<PublicKey[]> {
  const rows = await act.db
    .selectFrom('automation_keys')
    .select('public_key')
    .where('automation_id', '=', id)
    .execute();
  return rows.flatMap(({ public_key }) => parsePublicKey(public_key) ?? []);
}

async function storeKey(act: Act, automation_id: string, { text }: PublicKey): Promise<void> {
  await act.db
    .insertInto('automation_keys')
    .values({ automation_id, public_key: text, created_at: act.now, last_used_at: null })
    .execute();
}

function subjectOf({ name }: AutomationTable): { readonly kind: string; readonly key: string } {
  return { kind: 'Automation', key: name };
}
