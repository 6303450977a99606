/**
 * Vaults made new (O1): an organization on a plan, or a personal one; with an owner, a first project and, where an
 * organization's plan has groups, a first one (P1).
 *
 * Decides O1: what a vault that is made new starts as.
 * Decides P1: its first project and group.
 */

import type { Transaction } from 'kysely';
import type { VaultContext } from '../act/context.ts';
import { genesis } from '../audit/chain.ts';
import { ChainWriter } from '../audit/chain-writer.ts';
import { newAuditKey } from '../audit/signing-key.ts';
import { DomainError } from '../common/domain-error.ts';
import { alphanumeric } from '../common/ids.ts';
import { hasGroups, tierNamed } from '../common/tiers.ts';
import { firstGroup } from '../groups/groups.ts';
import { bookkeepOnce } from '../people-api/once.ts';
import { freeLease } from '../reconciliation/lease-states.ts';
import { type Account, VERIFY } from '../sessions/accounts.ts';
import type { Database, VaultTable } from '../store/schema.ts';

export interface NewOrganization {
  readonly displayName: string;
  /** Name of a plan of this server (P4). */
  readonly plan: string;
  /** `vault_` and 16 letters and digits; left out, one is drawn. */
  readonly vaultId?: string | undefined;
}

export interface NewVault extends NewOrganization {
  readonly kind: VaultTable['kind'];
  /** P4: the end of a trial; null: none. */
  readonly planUntil: number | null;
}

/**
 * Makes an organization on any plan, for whoever runs the server. The account becomes the owner (O3).
 * Throws DomainError `UnknownPlan`, `NameTaken`, `EmailNotVerified`.
 */
export function createOrganization(
  context: VaultContext,
  owner: Account,
  fields: NewOrganization,
): Promise<{ readonly vaultId: string }> {
  return createVault(context, owner, { ...fields, kind: 'Organization', planUntil: null });
}

/**
 * Makes a vault in one transaction with its audit entry (A2); `check` runs in it first.
 * Throws DomainError `UnknownPlan`, `NameTaken`, `EmailNotVerified`, and whatever `check` throws.
 */
export async function createVault(
  context: VaultContext,
  owner: Account,
  fields: NewVault,
  check: (db: Transaction<Database>) => Promise<void> = async () => {},
): Promise<{ readonly vaultId: string }> {
  requireOffer(context, fields.plan);
  if (!owner.emailVerified) {
    throw new DomainError({
      code: 'EmailNotVerified',
      status: 403,
      detail: 'The address of the account is not verified.',
      next: VERIFY,
    });
  }
  const { ids, clock } = context;
  const now = clock.now();
  const id = fields.vaultId ?? ids.make('vault');
  const vault: VaultTable = {
    id,
    epoch: alphanumeric(16),
    revision: 1,
    secret_revision: 0,
    kind: fields.kind,
    display_name: fields.displayName,
    plan: fields.plan,
    plan_until: fields.planUntil,
    lapsed_at: null,
    confirmation: 0,
    settings: null,
    audit_sequence: 0,
    audit_hash: genesis(id),
    sightings: 0,
    stored_bytes: 0,
    created_at: now,
    ends_noted_until: now,
  };
  // Without the root key there is none to wrap it by: it is made when the server starts with one.
  const auditKey = context.cipher.isSealed ? null : newAuditKey(context.cipher, id, now);
  return bookkeepOnce(context, async (db) => {
    await check(db);
    await insertVault(db, vault);
    await db.insertInto('leases').values(freeLease(id)).execute();
    if (auditKey !== null) await db.insertInto('audit_keys').values(auditKey).execute();
    const ownerId = ids.make('mem');
    await insertOwner(db, { id: ownerId, vaultId: id, owner, now });
    await insertMain(db, { id: ids.make('proj'), vaultId: id, now });
    const hasGroup = fields.kind === 'Organization' && hasGroups(tierNamed(context.catalog, fields.plan));
    const group = hasGroup ? 'Everyone' : null;
    if (group !== null) await firstGroup(db, { id: ids.make('grp'), vaultId: id, name: group, ownerId, now });
    const chain = new ChainWriter(db, vault);
    const { displayName, plan, planUntil } = fields;
    const { id: accountId, userName, email } = owner;
    await chain.append([
      {
        id: ids.make('aud'),
        at: now,
        actor: { type: 'account', accountId, userName, email },
        record: {
          action: fields.kind === 'Personal' ? 'vault.created' : 'organization.created',
          subject: { kind: 'Organization', key: id },
          details: {
            displayName,
            plan,
            ...(planUntil === null ? {} : { planUntil }),
            project: 'Main',
            ...(group === null ? {} : { group }),
            ...(auditKey === null ? {} : { auditKey: auditKey.public_key }),
          },
        },
      },
    ]);
    await db
      .updateTable('vaults')
      .set({ audit_sequence: chain.sequence, audit_hash: chain.hash })
      .where('id', '=', id)
      .execute();
    return { vaultId: id };
  });
}

/** Throws DomainError `NameTaken` where there is a vault of that id. */
async function insertVault(db: Transaction<Database>, vault: VaultTable): Promise<void> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('vaults')
    .values(vault)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 1n) return;
  throw new DomainError({
    code: 'NameTaken',
    status: 409,
    detail: 'There is a vault of that id.',
    next: 'Name another id, or none.',
  });
}

interface Founded {
  readonly id: string;
  readonly vaultId: string;
  readonly now: number;
}

async function insertOwner(
  db: Transaction<Database>,
  { id, vaultId, owner, now }: Founded & { readonly owner: Account },
): Promise<void> {
  await db
    .insertInto('members')
    .values({
      id,
      vault_id: vaultId,
      account_id: owner.id,
      email: owner.email,
      user_name: owner.userName,
      role: 'Owner',
      state: 'Active',
      awaits: null,
      state_after: null,
      template_id: null,
      project_scope: null,
      created_at: now,
      joined_at: now,
    })
    .execute();
}

/** P1. */
async function insertMain(db: Transaction<Database>, { id, vaultId, now }: Founded): Promise<void> {
  await db
    .insertInto('projects')
    .values({ id, vault_id: vaultId, name: 'Main', description: '', rekey_due: 0, created_at: now })
    .execute();
}

/** Throws DomainError `UnknownPlan`. */
export function requireOffer({ catalog }: Pick<VaultContext, 'catalog'>, plan: string): void {
  if (catalog.offers.has(plan)) return;
  throw new DomainError({
    code: 'UnknownPlan',
    status: 422,
    detail: 'This server has no such plan.',
    next: `Choose one of ${[...catalog.offers.keys()].join(', ')}.`,
  });
}
