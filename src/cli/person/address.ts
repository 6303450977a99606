/** Where a command of a person goes, and with which vault there. */
import { openWorkspace } from '../gitops/workspace.ts';
import { Failure } from '../terminal/failure.ts';
import { type Context, chosenContext, readContexts } from './contexts.ts';
import type { PersonOptions } from './person-options.ts';

interface Address {
  readonly url: string;
  /** Undefined: not said; the only one is taken. */
  readonly vaultId: string | undefined;
  /** The context that says it; null: the user's own words do. */
  readonly known: Pick<Context, 'url' | 'vaultId' | 'ca'> | null;
}

/**
 * By the session; without one by --url, the environment, or the context. A folder says which vault on that server, and
 * never where a password or a token is sent: whoever wrote it may be the one who is judged. Throws Failure.
 */
export async function addressOf(
  options: PersonOptions,
  session: Pick<Context, 'url' | 'vaultId' | 'ca'> | null,
): Promise<Address> {
  const known = session ?? (await contextFor(options));
  const url = known?.url ?? options.url;
  if (url === undefined) {
    throw new Failure(
      'Usage',
      'The vault is not named.',
      'Give --url, or set SENESCHAL_URL; a folder says where no password goes.',
    );
  }
  checkUrl(url);
  if (known !== null && options.url !== undefined && !isSameOrigin(options.url, known.url)) {
    throw new Failure(
      'Usage',
      `You are signed in at ${known.url}, not at ${options.url}; nothing was sent.`,
      `Leave --url and SENESCHAL_URL out, or sign in there: seneschal login --url ${options.url}`,
    );
  }
  const declared = await declaredIn(options);
  if (declared?.url !== undefined && !isSameOrigin(declared.url, url)) {
    throw new Failure(
      'InvalidConfiguration',
      `CredentialsForAnotherVault: the folder names ${declared.url}, not ${url}; nothing was sent.`,
      'Find out who wrote that into spec.vault.seneschal.url.',
    );
  }
  return { url, vaultId: options.vault ?? declared?.vaultId ?? known?.vaultId ?? undefined, known };
}

/** Of a password for one command: the context, unless the user names another address. Throws Failure. */
async function contextFor({ url, context }: PersonOptions): Promise<Context | null> {
  if (url !== undefined && context === undefined) return null;
  return chosenContext(await readContexts(), context)?.context ?? null;
}

async function declaredIn(options: PersonOptions) {
  if (options.folder === undefined) return undefined;
  return (await openWorkspace(options.folder, { ...options, output: 'text' })).organization.spec.vault
    .seneschal;
}

/** Throws Failure `Usage`. */
export function checkUrl(url: string): void {
  if (URL.canParse(url)) return;
  throw new Failure('Usage', `${url} is no address of a vault.`, 'Write it as https://vault.acme.example.');
}

export function isSameOrigin(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
}
