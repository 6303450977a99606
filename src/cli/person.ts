/** A person's session with the vault, as long as one command takes. */
import { Transport } from '../provider/seneschal/transport.ts';
import { Failure } from './failure.ts';
import { readText } from './session.ts';
import { type FolderOptions, openWorkspace } from './workspace.ts';

export interface PersonOptions extends Omit<FolderOptions, 'output'> {
  readonly as: string;
  readonly passwordFile: string;
  readonly folder?: string;
  readonly url?: string;
  readonly vault?: string;
  readonly ca?: string;
}

export interface Person {
  readonly vaultId: string;
  readonly userName: string;
  /** A request below `/api/v1/vaults/{vaultId}`; the answer's JSON, null where there is none. */
  readonly ask: (method: string, path: string, body?: unknown) => Promise<unknown>;
  /** What a GET answers, part by part. */
  readonly download: (path: string, write: (part: Buffer) => Promise<void>) => Promise<void>;
}

const TIMEOUT = 30_000;
const DOWNLOAD_TIMEOUT = 3_600_000;

/** Signs in, does the work, signs out. Throws Failure. */
export async function asPerson(
  options: PersonOptions,
  work: (person: Person) => Promise<void>,
): Promise<void> {
  const { url, vaultId } = await addressOf(options);
  const password = (await readText(options.passwordFile, '--password-file')).replace(/\r?\n$/, '');
  const ca = options.ca === undefined ? undefined : await readText(options.ca, '--ca');
  const transport = new Transport(url, ca);
  const send = async (
    method: string,
    target: string,
    body: unknown,
    token: string | null,
  ): Promise<unknown> => {
    const answer = await transport.exchange({
      method,
      target,
      headers: () => (token === null ? {} : { authorization: `Bearer ${token}` }),
      body: body === undefined ? undefined : JSON.stringify(body),
      timeout: TIMEOUT,
      signal: new AbortController().signal,
    });
    if (answer.status >= 400) throw refusal(answer.status, answer.text);
    return answer.text === '' ? null : JSON.parse(answer.text);
  };
  try {
    const opened = await send('POST', '/api/v1/sessions', { email: options.as, password, vaultId }, null);
    const { token, userName } = opened as { token: string; userName: string };
    try {
      const ask: Person['ask'] = (method, path, body) =>
        send(method, `/api/v1/vaults/${vaultId}${path}`, body, token);
      const download: Person['download'] = async (path, write) => {
        const call = {
          method: 'GET',
          target: `/api/v1/vaults/${vaultId}${path}`,
          headers: () => ({ authorization: `Bearer ${token}` }),
          body: undefined,
          timeout: DOWNLOAD_TIMEOUT,
          signal: new AbortController().signal,
        };
        const answer = await transport.download(call, write);
        if (answer.status >= 400) throw refusal(answer.status, answer.text);
      };
      await work({ vaultId, userName, ask, download });
    } finally {
      await send('DELETE', '/api/v1/sessions/current', undefined, token).catch(() => undefined);
    }
  } finally {
    transport.close();
  }
}

async function addressOf(options: PersonOptions): Promise<{ url: string; vaultId: string }> {
  const declared =
    options.folder === undefined
      ? undefined
      : (await openWorkspace(options.folder, { ...options, output: 'text' })).organization.spec.vault
          .seneschal;
  const url = options.url ?? declared?.url;
  const vaultId = options.vault ?? declared?.vaultId;
  if (url === undefined || vaultId === undefined) {
    throw new Failure(
      'Usage',
      'The vault is not named.',
      'Give --url and --vault, or --folder with the Organization that names them.',
    );
  }
  return { url, vaultId };
}

/** The vault's own words: they are made for the person who asks (RFC 9457). */
function refusal(status: number, text: string): Failure {
  let problem: { code?: unknown; detail?: unknown; next?: unknown } | null = null;
  try {
    problem = JSON.parse(text);
  } catch {
    // Not the vault's words, so not shown.
  }
  const { code, detail, next } = problem ?? {};
  const what = typeof detail === 'string' ? detail : 'The vault refused it.';
  return new Failure(
    'Error',
    `${what} (${status}${typeof code === 'string' ? ` ${code}` : ''})`,
    typeof next === 'string' ? next : 'Check --as, --password-file and --vault.',
  );
}
