/** People of a test's vault, by HTTP alone. */
import { normalizeEmail } from '#model/organization.ts';
import { newAccount as addAccount } from '#test/builders/account.ts';
import { type Answer, access, OWNER, PASSWORD, record, send, type TestVault } from '#test/builders/vault.ts';

export interface Person {
  readonly email: string;
  readonly token: string;
  /** A request below `/api/v1`. */
  ask<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<Body>>;
}

/** One request without a session. */
export function askNobody<Body = Record<string, unknown>>(
  vault: TestVault,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<Body>> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const typed = body === undefined ? headers : { ...headers, 'content-type': 'application/json' };
  return send<Body>(vault.server.port, method, `/api/v1${path}`, text, typed);
}

/** Signs in; to the vault unless told that there is none yet. */
export async function signIn(
  vault: TestVault,
  email: string,
  to: 'vault' | 'none' = 'vault',
): Promise<Person> {
  const { status, body } = await askNobody<{ token: string; code?: string }>(vault, 'POST', '/sessions', {
    email,
    password: PASSWORD,
    ...(to === 'vault' ? { vaultId: vault.vaultId } : {}),
  });
  if (status !== 201) throw new Error(`sign in: ${status} ${body.code}`);
  const { token } = body;
  return {
    email,
    token,
    ask: (method, path, sent, headers) =>
      askNobody(vault, method, path, sent, { ...headers, authorization: `Bearer ${token}` }),
  };
}

export const owner = (vault: TestVault): Promise<Person> => signIn(vault, OWNER);

/** An account, and no more. */
export async function newAccount(vault: TestVault, email: string): Promise<void> {
  await addAccount(vault.context, email);
}

/** Invited by automation as the operator does it, with an account; signed in without a vault. */
export async function invitee(
  vault: TestVault,
  email: string,
  more: Parameters<typeof access>[0] = {},
): Promise<Person> {
  await newAccount(vault, email);
  const done = await vault.step(
    { kind: 'InviteMember', key: normalizeEmail(email), before: null, after: access(more) },
    { record: record('Member', normalizeEmail(email)) },
  );
  if (done !== 'Done') throw new Error(`invite: ${done}`);
  return signIn(vault, email, 'none');
}

/** A person who joined, signed in to the vault. */
export async function member(
  vault: TestVault,
  email: string,
  more: Parameters<typeof access>[0] = {},
): Promise<Person> {
  const person = await invitee(vault, email, more);
  const { invites } = (await person.ask<{ invites: { id: string }[] }>('GET', '/me/invites')).body;
  await person.ask('POST', `/me/invites/${invites[0]?.id}/accept`, {});
  return signIn(vault, email);
}
