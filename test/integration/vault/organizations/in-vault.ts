/** People in vaults that they made themselves, by HTTP alone. */
import { TestVault } from '#test/builders/vault.ts';
import { newAccount, type Person, signIn } from '../world/people.ts';

/** The same server, seen from another vault. */
export function inVault(vault: TestVault, vaultId: string): TestVault {
  return new TestVault({ ...vault, vaultId });
}

/** An account with a personal vault of its own, signed in to it. */
export async function personalVault(
  vault: TestVault,
  email: string,
): Promise<{ readonly vault: TestVault; readonly person: Person }> {
  await newAccount(vault, email);
  const nowhere = await signIn(vault, email, 'none');
  const made = await nowhere.ask<{ vaultId: string }>('POST', '/vaults', {});
  if (made.status !== 201) throw new Error(`vault: ${made.status} ${JSON.stringify(made.body)}`);
  const own = inVault(vault, made.body.vaultId);
  return { vault: own, person: await signIn(own, email) };
}

/** Proves the password anew, as the client of a person does before what takes it. */
export async function prove(person: Person, password: string): Promise<void> {
  const { status } = await person.ask('POST', '/sessions/current/proof', { password });
  if (status !== 204) throw new Error(`proof: ${status}`);
}

/** The actions of the audit log of a vault, oldest first. */
export async function auditedActions(vault: TestVault): Promise<string[]> {
  const rows = await vault.context.reader
    .selectFrom('audit_entries')
    .select('action')
    .where('vault_id', '=', vault.vaultId)
    .orderBy('sequence')
    .execute();
  return rows.map(({ action }) => action);
}
