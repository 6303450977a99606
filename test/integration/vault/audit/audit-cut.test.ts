import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { startTestVault } from '#test/builders/vault.ts';
import { member, owner } from '../world/people.ts';

it('an export of the audit log that is under way is cut off with the membership (M1)', async () => {
  await using vault = await startTestVault();
  const boss = await owner(vault);
  const home = `/vaults/${vault.vaultId}`;
  const cells = { 'Audit log': ['View', 'View others'] };
  await boss.ask('POST', `${home}/templates`, { name: 'auditors', capabilities: cells });
  const alice = await member(vault, 'alice@acme.example', { template: 'auditors' });
  // More than the buffers between the two hold.
  await vault.context.act(vault.vaultId, vault.owner, async (act) => {
    const details = { text: 'x'.repeat(2_000) };
    for (let entry = 0; entry < 8_000; entry += 1)
      await act.audit({ action: 'vault.restored', subject: { kind: 'Vault', key: vault.vaultId }, details });
  });
  const asked = get({
    port: vault.server.port,
    path: `/api/v1${home}/audit/export`,
    headers: { authorization: `Bearer ${alice.token}` },
  });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  response.pause();
  expect((await boss.ask('POST', `${home}/members/alice@acme.example/suspend`)).status).toBe(204);
  const text = await readToEnd(response);
  expect(text).toContain('vault.restored');
  expect(text.trimEnd().split('\n').at(-1)).not.toContain('"head"');
});

async function readToEnd(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  response.on('data', (part: Buffer) => parts.push(part));
  response.resume();
  await once(response, 'end');
  return Buffer.concat(parts).toString('utf8');
}
