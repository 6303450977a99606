/** Who changes a value while it is measured. */
import { readFile } from 'node:fs/promises';
import type { World } from './world.ts';

/** Sets the value of shared/s-0 as the owner does. */
export async function setter({ vault }: World): Promise<(value: string) => Promise<void>> {
  const password = (await readFile(vault.passwordFile, 'utf8')).trim();
  const call = async (method: string, path: string, token: string | null, body: object) => {
    const response = await fetch(`${vault.url}/api/v1${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    return (await response.json()) as { token: string };
  };
  const { token } = await call('POST', '/sessions', null, {
    email: vault.ownerEmail,
    password,
    vaultId: vault.vaultId,
  });
  const path = `/vaults/${vault.vaultId}/projects/shared/secrets/s-0`;
  return async (value) => {
    await call('PUT', path, token, { value });
  };
}
