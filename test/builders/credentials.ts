/** Folders with the credentials of an automation identity. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { credentialsFiles } from '#provider/seneschal/automation-credentials.ts';
import { folderWith } from './command-line.ts';
import type { TestVault } from './vault.ts';

/** Of a vault of this process, as `vault automation create` writes it; `more` in place of what it says. */
export function credentialsFolder(vault: TestVault, more: Readonly<Record<string, string>> = {}): string {
  const { vaultId, identity } = vault;
  const files = credentialsFiles({
    address: { url: vault.url, vaultId },
    ca: null,
    automationId: identity.id,
    privateKey: identity.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  });
  return folderWith({ ...files, ...more });
}

/** Texts of a folder by file name. */
export function filesIn(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}
