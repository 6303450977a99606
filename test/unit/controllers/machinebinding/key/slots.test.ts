import { expect, test } from 'vitest';
import { keyMarks } from '#controllers/machinebinding/key/key-secrets.ts';
import { type SlotContext, slotOf } from '#controllers/machinebinding/key/slots.ts';
import { type BindingIdentity, marksOf } from '#controllers/machinebinding/marks.ts';
import { InstallationKey } from '#identity/installation-key.ts';
import { newKeyPair } from '#identity/key-pair.ts';
import type { MetadataOnly } from '#kube/kube.ts';

const installation = InstallationKey.random();
const { publicKey } = newKeyPair();
const binding: BindingIdentity = {
  uid: 'new',
  namespace: 'ns',
  name: 'api',
  organization: 'acme',
  machineName: 'api',
};
const context: SlotContext = {
  binding,
  installation,
  accepted: [],
  isLive: (uid) => uid === 'new' || uid === 'other',
};

function sealed(owner: Partial<BindingIdentity> = {}, by = installation): MetadataOnly {
  const identity = { ...binding, ...owner };
  const { labels, annotations } = marksOf(identity, 'staging');
  return {
    metadata: {
      name: 's',
      namespace: 'ns',
      labels,
      annotations: { ...annotations, ...keyMarks(identity, publicKey, by) },
    },
  };
}

function without(secret: MetadataOnly, part: 'labels' | 'annotations', name: string): MetadataOnly {
  const { [`seneschal.dev/${name}`]: _, ...rest } = secret.metadata[part] ?? {};
  return { metadata: { ...secret.metadata, [part]: rest } };
}

const { fingerprint } = publicKey;

test("a key with this binding's label and seal is its key", () => {
  expect(slotOf(sealed(), context)).toEqual({ holds: 'key', fingerprint });
});

test('a key of an earlier object of this name and machine is inherited', () => {
  expect(slotOf(sealed({ uid: 'old' }), context)).toEqual({ holds: 'inherited', fingerprint });
});

test('a key under a lost installation key is inherited only where the vault accepts it', () => {
  const secret = sealed({}, InstallationKey.random());
  expect(slotOf(secret, context)).toEqual({ holds: 'foreign' });
  expect(slotOf(secret, { ...context, accepted: [fingerprint] })).toEqual({
    holds: 'inherited',
    fingerprint,
  });
});

test.each([
  ['without the label', without(sealed(), 'labels', 'binding-uid')],
  ['without a seal', without(sealed(), 'annotations', 'key-seal')],
  ['without a public key', without(sealed(), 'annotations', 'public-key')],
  ['of a binding that lives', sealed({ uid: 'other' })],
  ['of an earlier object of another name', sealed({ uid: 'old', name: 'web' })],
  ['of an earlier object for another machine', sealed({ uid: 'old', machineName: 'web' })],
  [
    'with the seal of another object',
    { metadata: { ...sealed({ uid: 'old' }).metadata, labels: sealed().metadata.labels ?? {} } },
  ],
] as [string, MetadataOnly][])('a Secret %s is foreign', (_, secret) => {
  expect(slotOf(secret, { ...context, accepted: [fingerprint] })).toEqual({ holds: 'foreign' });
});
