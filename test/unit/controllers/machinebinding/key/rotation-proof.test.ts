import { createPublicKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { MachineKeys } from '#controllers/machine-keys.ts';
import type { BindingInput } from '#controllers/machinebinding/input.ts';
import { KeyPass } from '#controllers/machinebinding/key/key-pass.ts';
import { identitySecret, stagingSecret } from '#controllers/machinebinding/key/key-secrets.ts';
import { KeyUses } from '#controllers/machinebinding/key/key-uses.ts';
import { KEY_TIMES } from '#controllers/machinebinding/key/other-keys.ts';
import type { BindingIdentity } from '#controllers/machinebinding/marks.ts';
import { Seals } from '#controllers/machinebinding/seals.ts';
import type { SecretCache } from '#controllers/machinebinding/secret-cache.ts';
import type { BindingClient, PassDeletions } from '#controllers/machinebinding/secret-deletion.ts';
import { InstallationKey } from '#identity/installation-key.ts';
import { type KeyPair, newKeyPair, publicPem } from '#identity/key-pair.ts';
import { type Secret, systemClock } from '#kube/kube.ts';
import { verifyPayload } from '#protocol/signing.ts';

const seals = new Seals(InstallationKey.random());
const binding: BindingIdentity = {
  ...{ uid: 'uid', namespace: 'ns', name: 'api', organization: 'acme', machineName: 'api' },
  vault: { url: 'https://vault.example', vaultId: 'v' },
};
const facts = {
  ...{ machineId: 'm-1', machineName: 'api', vaultId: 'v', apiUrl: 'https://vault.example' },
  ...{ mountPath: '/identity', caCertificate: null },
};
const history = { since: null, epoch: null, before: null };
const made = { epoch: null, follows: null };
const mounted = (name: string, keys: KeyPair): Secret =>
  identitySecret(name, binding, keys, facts, seals, { history });

/** The key that a pass offers, with these Secrets in the namespace and these keys accepted by the vault. */
async function offered(secrets: readonly Secret[], accepted: readonly KeyPair[] | null) {
  const found = (name: string) => secrets.find(({ metadata }) => metadata.name === name);
  const kube = { find: async (_: unknown, { name }: { name: string }) => found(name) };
  const cache = {
    lookup: ({ name }: { name: string }) => {
      const object = found(name);
      return object === undefined ? { found: 'absent' } : { found: 'present', object };
    },
    ofBinding: () => [...secrets],
  };
  const keys = new MachineKeys();
  const fingerprints = accepted?.map(({ publicKey }) => publicKey.fingerprint) ?? [];
  const input = {
    ...{ key: 'ns/api', identity: binding, organization: 'ns/acme', seals },
    binding: { spec: { machineName: 'api', key: { secretName: 'now' } } },
    view: { acts: true, provider: { rotationLine: (id: string, of: string) => `rotate ${id} ${of}` } },
    machine: accepted === null ? undefined : { machineId: 'm-1', fingerprints, keys: [] },
    signal: new AbortController().signal,
  } as unknown as BindingInput;
  const pass = new KeyPass({
    ...{ kube: kube as unknown as BindingClient, cache: cache as unknown as SecretCache, offered: keys },
    ...{ uses: new KeyUses(systemClock, () => input.signal), times: KEY_TIMES, installation: 'this' },
    clock: systemClock,
  });
  await pass.run(input, {} as PassDeletions);
  return keys.keyOf('ns', 'api', binding.vault);
}

function vouches(by: KeyPair, proof: string | undefined, of: KeyPair): boolean {
  const line = `rotate m-1 ${of.publicKey.fingerprint}`;
  return verifyPayload(createPublicKey(publicPem(by.publicKey)), line, proof ?? '');
}

test('a key is offered with the signature of one that the vault accepts, wherever the cluster holds it (rail 2)', async () => {
  const [key, accepted, other] = [newKeyPair(), newKeyPair(), newKeyPair()];
  const secrets = [mounted('now', key), mounted('gone', other), mounted('before', accepted)];
  const offer = await offered(secrets, [accepted]);
  expect(offer?.fingerprint).toBe(key.publicKey.fingerprint);
  expect(vouches(accepted, offer?.proof, key)).toBe(true);
});

test('a key is offered without a proof where the private half of no accepted one is at hand', async () => {
  const [key, lost, other] = [newKeyPair(), newKeyPair(), newKeyPair()];
  const secrets = [mounted('now', key), stagingSecret('before', binding, other, seals, made)];
  expect(await offered(secrets, [lost])).toMatchObject({
    fingerprint: key.publicKey.fingerprint,
    proof: undefined,
  });
  expect(await offered([mounted('now', key)], [])).toMatchObject({ proof: undefined });
  expect(await offered([mounted('now', key)], null)).toMatchObject({ proof: undefined });
});

test('a Secret that somebody else planted signs nothing', async () => {
  const [key, accepted] = [newKeyPair(), newKeyPair()];
  const planted = identitySecret('before', binding, accepted, facts, new Seals(InstallationKey.random()), {
    history,
  });
  const { annotations } = planted.metadata;
  delete annotations?.['seneschal.dev/seal'];
  expect(await offered([mounted('now', key), planted], [accepted])).toMatchObject({ proof: undefined });
});

test('a key whose proof is another one is offered anew', () => {
  const keys = new MachineKeys();
  let told = 0;
  keys.onChange(() => {
    told += 1;
  });
  const key = { fingerprint: 'fp', publicKey: 'public', vault: binding.vault };
  for (const proof of [undefined, undefined, 'a', 'a', 'b']) keys.offer('ns', 'api', { ...key, proof });
  expect(told).toBe(3);
});
