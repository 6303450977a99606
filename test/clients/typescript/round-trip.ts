/**
 * A round trip by the generated client: signs in, makes a project, finds it in the list, is refused the same name, and
 * is told so by the typed problem document. Prints what it saw as JSON. `schema.ts` is generated before each run.
 */
import createClient from 'openapi-fetch';
import type { paths } from './schema.ts';

const { URL: baseUrl = '', VAULT: vaultId = '', EMAIL: email = '', PASSWORD: password = '' } = process.env;

const open = createClient<paths>({ baseUrl });
const session = await open.POST('/api/v1/sessions', { body: { email, password, vaultId } });
if (session.data === undefined) throw new Error(`sign in: ${session.error.code}`);
const vault = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${session.data.token}` } });
const inVault = { path: { vaultId } };

const made = await vault.POST('/api/v1/vaults/{vaultId}/projects', {
  params: inVault,
  body: { name: 'payments' },
});
const listed = await vault.GET('/api/v1/vaults/{vaultId}/projects', { params: { ...inVault, query: {} } });
const again = await vault.POST('/api/v1/vaults/{vaultId}/projects', {
  params: inVault,
  body: { name: 'payments', description: 'once more' },
});

const seen: { made: number; names: string[]; refused: { status: number; code: string; next: string } } = {
  made: made.response.status,
  names: listed.data?.projects.map(({ name }) => name) ?? [],
  refused: {
    status: again.response.status,
    code: again.error?.code ?? '',
    next: again.error?.next ?? '',
  },
};
process.stdout.write(`${JSON.stringify(seen)}\n`);
