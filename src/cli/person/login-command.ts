/** `seneschal vault login` and `logout`. */

import type { ConnectTo } from '#provider/seneschal/vault-agent.ts';
import { print } from '../terminal/print.ts';
import { readPassword } from '../terminal/private-files.ts';
import { readText } from '../terminal/text-file.ts';
import { Connection } from './as-person.ts';
import { forgetSession, keepSession, keptSessionOf } from './session-file.ts';
import { moment } from './table.ts';

interface LoginOptions {
  readonly url: string;
  readonly as: string;
  readonly passwordFile: string;
  readonly signInCode?: string;
  readonly vault?: string;
  readonly ca?: string;
  readonly connectTo?: ConnectTo;
}

/** Throws Failure. */
export async function login({
  url,
  as: email,
  passwordFile,
  signInCode,
  vault,
  ca: caFile,
  connectTo,
}: LoginOptions): Promise<void> {
  const password = await readPassword(passwordFile);
  const ca = caFile === undefined ? undefined : await readText(caFile, '--ca');
  const connection = new Connection({ url, ca, connectTo });
  try {
    const vaultId = vault ?? null;
    const opened = await connection.signIn({
      email,
      password,
      ...(signInCode === undefined ? {} : { code: signInCode }),
      ...(vault === undefined ? {} : { vaultId: vault }),
    });
    const { token, userName, expiresAt } = opened;
    const file = await keepSession({ url, vaultId, userName, token, expiresAt, ca: ca ?? null });
    print(`${userName} is signed in until ${moment(expiresAt)}; the session is in ${file}.`);
    if (vaultId === null) print('No vault is chosen yet: seneschal vault organization list');
  } finally {
    connection.close();
  }
}

/** Throws Failure where there is no session. */
export async function logout({ connectTo }: { readonly connectTo?: ConnectTo }): Promise<void> {
  const { url, ca, token, userName } = await keptSessionOf(Date.now());
  const connection = new Connection({ url, ca: ca ?? undefined, connectTo });
  try {
    await connection.signOut(token);
  } finally {
    connection.close();
    // Also where the vault does not answer: who asks to sign out wants the token gone from this machine.
    await forgetSession();
  }
  print(`${userName} is signed out.`);
}
