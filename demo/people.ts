import { readFile } from 'node:fs/promises';
import type { Account, Vault } from './world.ts';

/** I3: the invitee signs in and accepts. */
export async function acceptInvite(vault: Vault, invitee: Account): Promise<void> {
  await answerInvite(vault, invitee, 'accept');
}

/** I3: the invitee signs in and declines. */
export async function declineInvite(vault: Vault, invitee: Account): Promise<void> {
  await answerInvite(vault, invitee, 'decline');
}

async function answerInvite(vault: Vault, invitee: Account, answer: 'accept' | 'decline'): Promise<void> {
  const password = (await readFile(invitee.passwordFile, 'utf8')).trim();
  const { token } = await call<{ token: string }>(vault, 'POST', '/sessions', undefined, {
    email: invitee.email,
    password,
  });
  const { invites } = await call<{ invites: { id: string }[] }>(vault, 'GET', '/me/invites', token);
  const [invite] = invites;
  if (invite === undefined) throw new Error(`${invitee.email} has no invite`);
  await call(vault, 'POST', `/me/invites/${invite.id}/${answer}`, token, {});
}

async function call<R>(
  vault: Vault,
  method: string,
  path: string,
  token?: string,
  body?: object,
): Promise<R> {
  const response = await fetch(`${vault.url}/api/v1${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  return (await response.json()) as R;
}
