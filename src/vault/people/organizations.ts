/** Organizations created new (O1): on a plan, with an owner, a first project and, where there are groups, a first one (P1). */

import { genesis } from '../audit/chain.ts';
import { ChainWriter } from '../audit/chain-writer.ts';
import { newAuditKey } from '../audit/signing-key.ts';
import type { VaultContext } from '../domain/context.ts';
import { DomainError } from '../domain/domain-error.ts';
import { firstGroup } from '../domain/groups.ts';
import { alphanumeric } from '../domain/ids.ts';
import { freeLease } from '../domain/lease.ts';
import { hasGroups } from '../domain/plans.ts';
import type { VaultTable } from '../store/schema.ts';
import type { Account } from './accounts.ts';

export interface NewOrganization {
  readonly displayName: string;
  /** Name of a plan of this server (P4). */
  readonly plan: string;
  /** `vault_` and 16 letters and digits; left out, one is drawn. */
  readonly vaultId?: string | undefined;
}

/**
 * Makes the organization in one transaction with its audit entry (A2). The account becomes the owner (O3).
 * Throws DomainError `UnknownPlan`, `NameTaken`, `EmailNotVerified`.
 */
export async function createOrganization(
  context: VaultContext,
  owner: Account,
  fields: NewOrganization,
): Promise<{ readonly vaultId: string }> {
  const plan = context.plans.get(fields.plan);
  if (plan === undefined) {
    const names = [...context.plans.keys()].join(', ');
    throw new DomainError({
      code: 'UnknownPlan',
      status: 422,
      detail: 'This server has no such plan.',
      next: `Choose one of ${names}.`,
    });
  }
  if (!owner.emailVerified) {
    throw new DomainError({ code: 'EmailNotVerified', status: 403, detail: 'Verify your address first.' });
  }
  const { ids, clock } = context;
  const now = clock.now();
  const id = fields.vaultId ?? ids.make('vault');
  const vault: VaultTable = {
    id,
    epoch: alphanumeric(16),
    revision: 1,
    secret_revision: 0,
    display_name: fields.displayName,
    plan: fields.plan,
    settings: null,
    audit_sequence: 0,
    audit_hash: genesis(id),
    sightings: 0,
    stored_bytes: 0,
    created_at: now,
  };
  // Without the root key there is none to wrap it by: it is made when the server starts with one.
  const auditKey = context.cipher.isSealed ? null : newAuditKey(context.cipher, id, now);
  await context.bookkeep(async (db) => {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('vaults')
      .values(vault)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows !== 1n) {
      throw new DomainError({ code: 'NameTaken', status: 409, detail: 'There is a vault of that id.' });
    }
    await db.insertInto('leases').values(freeLease(id)).execute();
    if (auditKey !== null) await db.insertInto('audit_keys').values(auditKey).execute();
    const ownerId = ids.make('mem');
    await db
      .insertInto('members')
      .values({
        id: ownerId,
        vault_id: id,
        account_id: owner.id,
        email: owner.email,
        user_name: owner.userName,
        role: 'Owner',
        state: 'Active',
        template_id: null,
        project_scope: null,
        created_at: now,
        joined_at: now,
      })
      .execute();
    await db
      .insertInto('projects')
      .values({ id: ids.make('proj'), vault_id: id, name: 'Main', description: '', created_at: now })
      .execute();
    const group = hasGroups(plan) ? 'Everyone' : null;
    if (group !== null) await firstGroup(db, { id: ids.make('grp'), vaultId: id, name: group, ownerId, now });
    const chain = new ChainWriter(db, vault);
    await chain.append(
      ids.make('aud'),
      now,
      { type: 'account', accountId: owner.id, userName: owner.userName, email: owner.email },
      {
        action: 'organization.created',
        subject: { kind: 'Organization', key: id },
        details: {
          displayName: fields.displayName,
          plan: fields.plan,
          project: 'Main',
          ...(group === null ? {} : { group }),
          ...(auditKey === null ? {} : { auditKey: auditKey.public_key }),
        },
      },
    );
    await db
      .updateTable('vaults')
      .set({ audit_sequence: chain.sequence, audit_hash: chain.hash })
      .where('id', '=', id)
      .execute();
  });
  return { vaultId: id };
}
