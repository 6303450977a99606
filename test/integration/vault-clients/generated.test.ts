import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OWNER, PASSWORD, startTestVault } from '#test/builders/vault.ts';
import { pythonClient, typescriptClient } from './generated-clients.ts';

const folder = mkdtempSync(join(tmpdir(), 'seneschal-generated-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['TypeScript', typescriptClient(join(folder, 'typescript'))],
  ['Python', pythonClient(join(folder, 'python'))],
])('a client generated from the OpenAPI document, in %s (V2)', (_, client) => {
  it.skipIf(client === null)(
    'signs in, makes a project, lists it, and reads a refusal by its type',
    async () => {
      await using vault = await startTestVault();
      const seen = await client?.run({
        url: vault.url,
        vaultId: vault.vaultId,
        email: OWNER,
        password: PASSWORD,
      });
      expect(seen).toEqual({
        made: 201,
        names: ['Main', 'payments'],
        refused: { status: 409, code: 'NameTaken', next: 'Take another name.' },
      });
    },
  );
});
