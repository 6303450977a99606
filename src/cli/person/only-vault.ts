/** The vault of whoever has one alone, so that nobody types an id which cannot be another. */
import { pathTo } from '#protocol/request-path.ts';
import { Failure } from '../terminal/failure.ts';
import { readContexts, writeContexts } from './contexts.ts';
import type { Person } from './person-connection.ts';

interface MyVaults {
  readonly vaults: readonly { readonly vaultId: string; readonly displayName: string }[];
  readonly invites: readonly unknown[];
}

/** The only vault that the session may be bound to, which it is from then on; null: there is none, or there are several. */
export async function onlyVaultOf({ askAccount }: Pick<Person, 'askAccount'>): Promise<string | null> {
  const { vaults } = (await askAccount('GET', pathTo`/me/vaults`)) as MyVaults;
  const [only, ...others] = vaults;
  if (only === undefined || others.length > 0) return null;
  await askAccount('PUT', pathTo`/sessions/current/vault`, { vaultId: only.vaultId });
  return only.vaultId;
}

/** The same, kept in the context where one is named. Throws Failure `Usage` where it has to be chosen. */
export async function vaultChosenFor(person: Person, context: string | null): Promise<string> {
  const vaultId = await onlyVaultOf(person);
  if (vaultId === null) {
    throw new Failure(
      'Usage',
      'The vault is not named.',
      'Choose one for the session: `seneschal vault organization list`, then `organization use` with its id; or give --vault.',
    );
  }
  if (context !== null) await keepVault(context, vaultId);
  return vaultId;
}

export async function keepVault(name: string, vaultId: string): Promise<void> {
  const all = await readContexts();
  const known = all.contexts[name];
  if (known === undefined) return;
  await writeContexts({ ...all, contexts: { ...all.contexts, [name]: { ...known, vaultId } } });
}
