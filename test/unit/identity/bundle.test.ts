import { expect, test } from 'vitest';
import { type IdentityFacts, identityBundle, identityJson } from '#identity/bundle.ts';
import { newKeyPair, parsePrivatePem } from '#identity/key-pair.ts';

const facts: IdentityFacts = {
  machineId: '6f2a0b54-9d3c-4f6e-8d59-0f0f6b3a7c11',
  machineName: 'api-server-1',
  vaultId: 'vault_a1b2c3d4e5f6g7h8',
  apiUrl: 'https://vault.acme.example:8200',
  mountPath: '/var/run/secrets/seneschal',
  caCertificate: null,
};

test('identity.json has exactly the five keys that SDKs decode', () => {
  expect(JSON.parse(identityJson(facts))).toEqual({
    machineId: facts.machineId,
    machineName: facts.machineName,
    vaultId: facts.vaultId,
    apiUrl: facts.apiUrl,
    privateKeyPath: '/var/run/secrets/seneschal/private.pem',
  });
});

test.each([
  ['/', '/private.pem'],
  ['/etc/identity/', '/etc/identity/private.pem'],
])('a key mounted at %s is found at %s', (mountPath, privateKeyPath) => {
  expect(JSON.parse(identityJson({ ...facts, mountPath }))).toMatchObject({ privateKeyPath });
});

test('a bundle holds the key and what an SDK needs; a CA only where there is one', () => {
  const keys = newKeyPair();
  const files = identityBundle(facts, keys);
  expect(Object.keys(files).sort()).toEqual([
    'api-url',
    'identity.json',
    'machine-id',
    'machine-name',
    'private.pem',
    'public.pem',
    'vault-id',
  ]);
  expect(parsePrivatePem(files['private.pem'] ?? '')?.publicKey).toEqual(keys.publicKey);
  expect(identityBundle({ ...facts, caCertificate: 'PEM' }, keys)['ca.crt']).toBe('PEM');
});
