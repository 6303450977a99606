import { onTestFinished } from 'vitest';
import { newKeyPair, signText } from '#identity/key-pair.ts';
import type { SyncAnswer } from '#protocol/management.ts';
import { rotatePayload, signPayload, syncPayload } from '#protocol/signing.ts';
import { clientOf, setValues } from '#test/builders/machine.ts';
import { startTestVault } from '#test/builders/vault.ts';
import { AddressList } from '#vault/common/addresses.ts';
import { DIRECT } from '#vault/http/network.ts';
import { attack } from './attack.ts';
import { done, ofAnswer, refused } from './outcome.ts';
import { ownMachine } from './thief.ts';

attack({
  name: 'reads by a machine that it registers itself, and by a key that it adds, from an address of its own',
  actor: 'Thief of an automation credential',
  rule: 'V4',
  refused: ['403 the vault takes no requests from this address', 'NotAllowed'],
  permittedBy: "an address of the delegation's machines",
  async world() {
    const vault = await startTestVault({
      network: { ...DIRECT, trustedProxies: new AddressList(['127.0.0.1']) },
      automation: { machineAddresses: ['10.0.0.0/8'] },
    });
    onTestFinished(() => vault[Symbol.asyncDispose]());
    const secrets = await setValues(vault, { 'web/cookie': 'planted value' });
    const { id: projectId } = await vault.context.reader
      .selectFrom('projects')
      .select('id')
      .where('name', '=', 'web')
      .executeTakeFirstOrThrow();
    const planted = await ownMachine(vault, 'planted');
    const next = newKeyPair();
    const { audience, vaultId } = vault;
    const { fingerprint, text: publicKey } = next.publicKey;
    const line = rotatePayload({ audience, vaultId, machineId: planted.id, fingerprint });
    await vault.step(
      {
        kind: 'AddMachineKey',
        key: 'planted',
        before: { fingerprints: [planted.keys.publicKey.fingerprint] },
        after: { fingerprint },
      },
      { publicKey, keyProof: signPayload(planted.keys.privateKey, line) },
    );
    const machines = [planted, { ...planted, keys: next }];
    return { vault, projectId, secret: secrets['web/cookie'] ?? '', machines };
  },
  attack: () => '192.0.2.7',
  control: () => '10.9.2.3',
  async calls({ vault, projectId, secret, machines }, source) {
    const headers = { 'x-forwarded-for': source };
    const outcomes = [];
    for (const machine of machines) {
      const client = clientOf(vault, machine, machine.keys);
      const body = JSON.stringify({ projectId });
      for (const [method, target, sent] of [
        ['GET', '/v1/secrets'],
        ['GET', `/v1/secret/${secret}`],
        ['GET', '/v1/cli/projects'],
        ['GET', '/v1/cli/secrets'],
        ['POST', '/v1/secrets/list', body],
        ['POST', '/v1/secrets/export', body],
        ['POST', '/v1/verify-access', body],
        ['POST', '/v1/secrets/poll', JSON.stringify({ watch: [secret] })],
      ] as const) {
        const answer = await client.send(method, target, sent, { headers });
        // The second key asks within the floor between two polls of one machine.
        if (answer.status === 429) continue;
        outcomes.push(ofAnswer(`${method} ${target.replace(secret, '{id}')}`, answer));
      }
      const timestamp = String(Math.floor(vault.clock.now() / 1000));
      const { audience, vaultId } = vault;
      const line = { audience, vaultId, machineId: machine.id, timestamp, nonce: crypto.randomUUID() };
      const proof = signText(machine.keys.privateKey, syncPayload(line));
      const claim = { machineId: machine.id, timestamp, nonce: line.nonce, proof, secrets: [secret] };
      const { body: synced } = await vault.request<SyncAnswer>(
        'POST',
        '/sync',
        { machines: [claim] },
        { headers },
      );
      const [answer] = synced.machines;
      outcomes.push(
        answer?.error === null
          ? done('POST /sync', 'the value')
          : refused('POST /sync', answer?.error ?? 'none'),
      );
    }
    return outcomes;
  },
});
