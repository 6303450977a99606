import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BindingIdentity, marksOf } from '#controllers/machinebinding/marks.ts';
import { Seals } from '#controllers/machinebinding/seals.ts';
import { SecretDeletions } from '#controllers/machinebinding/secret-deletion.ts';
import { MACHINE_BINDINGS } from '#controllers/resources.ts';
import { InstallationKey } from '#identity/installation-key.ts';
import { type DeleteOptions, type EventRecord, KubeError, type Secret } from '#kube/kube.ts';

const seals = new Seals(InstallationKey.random());
const binding: BindingIdentity = {
  uid: 'uid-of-api',
  namespace: 'ns',
  name: 'api',
  organization: 'acme',
  machineName: 'api',
  vault: { url: 'https://vault.test', vaultId: 'vault_1' },
};
const data = { password: 'Zmlyc3Q=' };

function ours(): Secret {
  const marks = marksOf(binding, 'values', { role: 'target' }, data, seals);
  return { metadata: { name: 'values', namespace: 'ns', uid: 'u1', resourceVersion: '7', ...marks }, data };
}

/** An API server that has one Secret, and what it was asked and told. */
function apiServer(secret: Secret | undefined) {
  const events: EventRecord[] = [];
  const deletions: Pick<DeleteOptions, 'uid' | 'resourceVersion'>[] = [];
  let reads = 0;
  let stored = secret;
  const deleter = new SecretDeletions({
    kube: {
      find: async () => {
        reads += 1;
        return stored as never;
      },
      patch: () => Promise.reject(new Error('nothing is taken back here')),
      delete: async (_type, { namespace, name }, { uid, resourceVersion } = {}) => {
        deletions.push({ uid, resourceVersion });
        if (uid !== stored?.metadata.uid || resourceVersion !== stored?.metadata.resourceVersion) {
          const call = { verb: 'delete', resource: 'secrets', namespace, name } as const;
          throw new KubeError(call, { code: 409, reason: 'Conflict' });
        }
        stored = undefined;
        return true;
      },
    },
    cache: { deleted: () => undefined },
    seals,
    recorder: {
      dropped: 0,
      record: async (event) => {
        events.push(event);
      },
    },
  });
  const object = { metadata: { name: 'api', namespace: 'ns' } };
  const pass = () => deleter.ofPass({ type: MACHINE_BINDINGS, object }, new AbortController().signal);
  return { pass, events, deletions, reads: () => reads, isThere: () => stored !== undefined };
}

test('a Secret that the operator wrote goes, in the version that was read, and is told of', async () => {
  const server = apiServer(ours());
  const pass = server.pass();
  expect(await pass.delete(binding, ours())).toBe('gone');
  await pass.tell();
  expect(server.isThere()).toBe(false);
  expect(server.deletions).toEqual([{ uid: 'u1', resourceVersion: '7' }]);
  expect(server.events).toMatchObject([{ type: 'Normal', action: 'DeleteSecret' }]);
  expect(server.events[0]?.note).toContain('Secrets values were deleted');
});

test('what the cache has counts for nothing: the Secret that is there now is looked at', async () => {
  const planted: Secret = { metadata: { name: 'values', namespace: 'ns', uid: 'u2', resourceVersion: '9' } };
  const server = apiServer(planted);
  expect(await server.pass().delete(binding, ours())).toBe('left');
  expect(server.deletions).toEqual([]);
  expect(server.events).toMatchObject([{ type: 'Warning', reason: 'SecretConflict' }]);
});

test('the answer to a write is as good as a read, and a later version is not deleted by it', async () => {
  const { metadata, ...rest } = ours();
  const server = apiServer({ ...rest, metadata: { ...metadata, resourceVersion: '8' } });
  expect(await server.pass().delete(binding, ours(), ours())).toBe('changed');
  expect(server.reads()).toBe(0);
  expect(server.isThere()).toBe(true);
  expect(server.events).toEqual([]);
});

test('a Secret that is left is told of once for each version of it, and a copy is not even read', async () => {
  const { metadata, ...rest } = ours();
  const copy = { ...rest, metadata: { ...metadata, name: 'backup-values', uid: 'u3' } };
  const server = apiServer(copy);
  expect(await server.pass().delete(binding, copy)).toBe('left');
  expect(await server.pass().delete(binding, copy)).toBe('left');
  expect(server.events).toHaveLength(1);
  const later = { ...copy, metadata: { ...copy.metadata, resourceVersion: '8' } };
  expect(await server.pass().delete(binding, later)).toBe('left');
  expect(server.events).toHaveLength(2);
  expect(server.reads()).toBe(0);
});

const texts = fc.string({ maxLength: 8 });
const anyChange: fc.Arbitrary<(secret: Secret) => Secret> = fc.oneof(
  texts.map((value) => (secret: Secret) => ({ ...secret, data: { ...secret.data, password: value } })),
  texts.map((key) => (secret: Secret) => ({ ...secret, data: { ...secret.data, [key]: '' } })),
  fc.constant((secret: Secret) => ({ ...secret, data: {} })),
  texts.map((name) => ({ metadata, ...rest }: Secret) => ({ ...rest, metadata: { ...metadata, name } })),
  fc
    .tuple(fc.constantFrom('binding', 'machine-name', 'vault-url', 'vault-id', 'seal', 'content-seal'), texts)
    .map(([mark, value]) => ({ metadata, ...rest }: Secret) => ({
      ...rest,
      metadata: { ...metadata, annotations: { ...metadata.annotations, [`seneschal.dev/${mark}`]: value } },
    })),
);

/** What the seals are over, and they themselves. */
const proven = ({ metadata, data: content }: Secret): string =>
  JSON.stringify([
    metadata.name,
    ['vault-url', 'vault-id', 'seal', 'content-seal'].map(
      (mark) => metadata.annotations?.[`seneschal.dev/${mark}`],
    ),
    Object.entries(content ?? {}).sort(),
  ]);

test('whatever somebody changes of a Secret or copies onto one, it is deleted only as the operator wrote it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyChange, { maxLength: 3 }), async (changes) => {
      const secret = changes.reduce((changed, change) => change(changed), ours());
      const server = apiServer(secret);
      await server.pass().delete(binding, secret);
      expect(server.isThere()).toBe(proven(secret) !== proven(ours()));
    }),
  );
});
