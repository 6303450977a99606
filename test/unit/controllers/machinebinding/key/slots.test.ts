import { expect, test } from 'vitest';
import { type SlotContext, slotOf } from '#controllers/machinebinding/key/slots.ts';
import { type BindingIdentity, marksOf } from '#controllers/machinebinding/marks.ts';
import { Seals } from '#controllers/machinebinding/seals.ts';
import { InstallationKey } from '#identity/installation-key.ts';
import { newKeyPair } from '#identity/key-pair.ts';
import type { MetadataOnly } from '#kube/kube.ts';

const seals = new Seals(InstallationKey.random());
const { publicKey } = newKeyPair();
const binding: BindingIdentity = {
  uid: 'new',
  namespace: 'ns',
  name: 'api',
  organization: 'acme',
  machineName: 'api',
  vault: { url: 'https://vault.test', vaultId: 'vault_1' },
};
const context: SlotContext = { binding, seals, accepted: [], mayMove: false };

function sealed(owner: Partial<BindingIdentity> = {}, by = seals, name = 's'): MetadataOnly {
  const identity = { ...binding, ...owner };
  const use = { role: 'staging', publicKey: publicKey.text } as const;
  return { metadata: { name: 's', namespace: 'ns', ...marksOf(identity, name, use, {}, by) } };
}

function without(secret: MetadataOnly, part: 'labels' | 'annotations', name: string): MetadataOnly {
  const { [`seneschal.dev/${name}`]: _, ...rest } = secret.metadata[part] ?? {};
  return { metadata: { ...secret.metadata, [part]: rest } };
}

const { fingerprint } = publicKey;
const slot = (secret: MetadataOnly, accepted: readonly string[] = []) =>
  slotOf(secret, 'staged', { ...context, accepted });

test("a key with this binding's label and seal is its key", () => {
  expect(slot(sealed())).toEqual({ holds: 'key', fingerprint });
});

test.each([
  ['with the UID of an object that is no more', sealed({ uid: 'old' })],
  ['without our label', without(sealed(), 'labels', 'binding-uid')],
])('a key of this place %s is taken over', (_, secret) => {
  expect(slot(secret)).toEqual({ holds: 'inherited', fingerprint });
});

test.each([
  ['under a lost installation key', sealed({}, new Seals(InstallationKey.random()))],
  ['without the seal of today', without(sealed(), 'annotations', 'seal')],
])('a key %s is taken over only where the vault accepts it', (_, secret) => {
  expect(slot(secret)).toEqual({ holds: 'foreign' });
  expect(slot(secret, [fingerprint])).toEqual({ holds: 'inherited', fingerprint });
});

test.each([
  ['without a public key', without(sealed(), 'annotations', 'public-key')],
  ['of another name', sealed({}, seals, 'other')],
  ['of an earlier object of another name', sealed({ uid: 'old', name: 'web' })],
  ['of an earlier object for another machine', sealed({ uid: 'old', machineName: 'web' })],
  ['of another namespace', sealed({ namespace: 'other' })],
  ['of another vault', sealed({ vault: { url: 'https://vault.test', vaultId: 'vault_2' } })],
] as [string, MetadataOnly][])(
  'a Secret %s is foreign, even where the vault accepts its key',
  (_, secret) => {
    expect(slot(secret, [fingerprint])).toEqual({ holds: 'foreign' });
  },
);

test('a key of another address has moved where the move is allowed, and is foreign where nobody allowed it', () => {
  const elsewhere = sealed({ vault: { url: 'https://before.test', vaultId: 'vault_1' } });
  const at = (mayMove: boolean) => slotOf(elsewhere, 'staged', { ...context, mayMove });
  expect(at(true)).toEqual({ holds: 'moved', fingerprint, confirmed: false });
  expect(at(false)).toEqual({ holds: 'foreign' });
});

test('a key that says another address than it was sealed for is foreign, allowed or not', () => {
  const { metadata } = sealed();
  const annotations = { ...metadata.annotations, 'seneschal.dev/vault-url': 'https://before.test' };
  const copied = { metadata: { ...metadata, annotations } };
  expect(slotOf(copied, 'staged', { ...context, mayMove: true })).toEqual({ holds: 'foreign' });
});

test('a staged key has no place where pods mount one', () => {
  expect(slotOf(sealed(), 'mounted', { ...context, accepted: [fingerprint] })).toEqual({ holds: 'foreign' });
});
