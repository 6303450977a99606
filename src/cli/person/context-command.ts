/** `seneschal context ...` and `seneschal whoami`. */

import { pathTo } from '#protocol/request-path.ts';
import { moment, type Output, printAnswer } from '../terminal/answer.ts';
import { Failure } from '../terminal/failure.ts';
import { asPerson, type PersonOptions } from './as-person.ts';
import { type Context, chosenContext, readContexts, writeContexts } from './contexts.ts';
import { table } from './table.ts';

type Format = { readonly output: Output };

/** Never a token. */
interface Listed {
  readonly name: string;
  readonly current: boolean;
  readonly url: string;
  readonly vaultId: string | null;
  readonly email: string;
  /** RFC 3339; null: signed out, or over. */
  readonly signedInUntil: string | null;
}

function listed(name: string, { url, vaultId, email, session }: Context, current: string | null): Listed {
  const isOpen = session !== null && session.expiresAt > Date.now();
  const signedInUntil = isOpen ? moment(session.expiresAt) : null;
  return { name, current: name === current, url, vaultId, email, signedInUntil };
}

export async function contextList({ output }: Format): Promise<void> {
  const { current, contexts } = await readContexts();
  const rows = Object.entries(contexts).map(([name, context]) => listed(name, context, current));
  const { json, text } = table(
    { contexts: rows },
    rows,
    [
      { title: 'CURRENT', of: (row) => (row.current ? '*' : '') },
      { title: 'NAME', of: ({ name }) => name },
      { title: 'WHO', of: ({ email }) => email },
      { title: 'URL', of: ({ url }) => url },
      { title: 'VAULT', of: ({ vaultId }) => vaultId ?? '-' },
      { title: 'SIGNED IN UNTIL', of: ({ signedInUntil }) => signedInUntil ?? '-' },
    ],
    'No context. `seneschal login` makes one.',
  );
  printAnswer(output, json, text);
}

/** Throws Failure `Usage` where there is none of that name. */
export async function contextUse(name: string, { output }: Format): Promise<void> {
  const all = await readContexts();
  chosenContext(all, name);
  await writeContexts({ ...all, current: name });
  printAnswer(output, { done: true, context: name }, `Commands go by ${name} now.`);
}

/** Throws Failure `Usage` where there is none of that name, or somebody is signed in there still. */
export async function contextDelete(name: string, { output }: Format): Promise<void> {
  const all = await readContexts();
  const session = chosenContext(all, name)?.context.session ?? null;
  if (session !== null && session.expiresAt > Date.now()) {
    throw new Failure(
      'Usage',
      `You are signed in to ${name}; the vault would keep that session.`,
      `Sign out first: seneschal logout --context ${name}`,
    );
  }
  const { [name]: _, ...contexts } = all.contexts;
  await writeContexts({ current: all.current === name ? null : all.current, contexts });
  printAnswer(output, { done: true, context: name }, `${name} is forgotten.`);
}

interface MyVaults {
  readonly vaults: readonly {
    readonly vaultId: string;
    readonly displayName: string;
    readonly role: string;
    readonly state: string;
  }[];
}

/** Who acts, where, and until when, as the vault has it. Throws Failure. */
export async function whoami({ output, ...options }: PersonOptions & Format): Promise<void> {
  const chosen = options.as === undefined ? chosenContext(await readContexts(), options.context) : null;
  await asPerson(
    options,
    async ({ userName, url, vaultId, askAccount }) => {
      const { vaults } = (await askAccount('GET', pathTo`/me/vaults`)) as MyVaults;
      const here = vaults.find((vault) => vault.vaultId === vaultId);
      const until = moment(chosen?.context.session?.expiresAt);
      const told = {
        userName,
        email: chosen?.context.email ?? options.as ?? null,
        url,
        vaultId: vaultId === '' ? null : vaultId,
        organization: here?.displayName ?? null,
        role: here?.role ?? null,
        state: here?.state ?? null,
        context: chosen?.name ?? null,
        signedInUntil: chosen === null ? null : until,
      };
      const where =
        here === undefined
          ? told.vaultId === null
            ? 'no vault chosen'
            : `no member of ${told.vaultId}`
          : `${here.role} of ${here.displayName} (${here.vaultId}${here.state === 'Active' ? '' : `, ${here.state}`})`;
      const session = chosen === null ? '' : `\nContext ${chosen.name}, signed in until ${until}.`;
      const text = `${userName} (${told.email ?? '-'}) at ${url}: ${where}.${session}`;
      printAnswer(output, told, text);
    },
    'account',
  );
}
