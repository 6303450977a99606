import { describe, expect, test } from 'vitest';
import type { MachineBinding } from '#controllers/machinebinding/input.ts';
import { type BindingIdentity, marksOf } from '#controllers/machinebinding/marks.ts';
import { createSealReader, type SealReaderWorld } from '#controllers/machinebinding/seal-reader.ts';
import { Seals } from '#controllers/machinebinding/seals.ts';
import { InstallationKey } from '#identity/installation-key.ts';
import type { MetadataOnly } from '#kube/kube.ts';
import type { VaultAddress } from '#model/vault-address.ts';

const seals = new Seals(InstallationKey.random());
const before: VaultAddress = { url: 'https://before.test', vaultId: 'vault_1' };
const here: VaultAddress = { url: 'https://here.test', vaultId: 'vault_1' };
const binding: BindingIdentity = {
  ...{ uid: 'u', namespace: 'ns', name: 'api', organization: 'acme', machineName: 'api' },
  vault: before,
};

function secret(name: string, of: Partial<BindingIdentity> = {}, by = seals): MetadataOnly {
  const owner = { ...binding, ...of };
  return { metadata: { name, namespace: 'ns', ...marksOf(owner, name, { role: 'target' }, {}, by) } };
}

function annotated({ metadata }: MetadataOnly, annotations: Record<string, string>): MetadataOnly {
  return { metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } } };
}

function read(
  secrets: readonly MetadataOnly[],
  {
    state = 'live',
    organizationOf = { api: 'acme' } as Record<string, string>,
    connectedTo = null as VaultAddress | null,
    elsewhere = {} as { readonly state?: string },
  } = {},
) {
  const inNamespace = (namespace: string) =>
    secrets.filter(({ metadata }) => metadata.namespace === namespace);
  const world = {
    secrets: {
      state: (namespace: string) => (namespace === 'team' ? (elsewhere.state ?? 'live') : state),
      store: { list: inNamespace },
    },
    bindings: {
      store: {
        get: ({ name }: { name: string }) =>
          organizationOf[name] === undefined
            ? undefined
            : ({
                metadata: { namespace: 'ns', name },
                spec: { organizationRef: { name: organizationOf[name] } },
              } as MachineBinding),
        byIndex: () => [{ metadata: { namespace: 'team', name: 'of-team' } }],
      },
    },
    seals,
  } as unknown as SealReaderWorld;
  return createSealReader(world).of('ns/acme', here, connectedTo);
}

describe('which vault the Secrets of an Organization are sealed for', () => {
  test('a Secret of another address is named with it', () => {
    expect(read([secret('a'), secret('b', { vault: here })])).toEqual({
      elsewhere: [{ name: 'a', vault: before }],
      here: true,
    });
  });

  test('one of another namespace stops nothing and proves nothing: a tenant has Secrets sealed for a vault of theirs', () => {
    const ofTeam = (name: string, vault: VaultAddress): MetadataOnly => {
      const owner = { ...binding, namespace: 'team', name: 'of-team', organization: 'ns/acme', vault };
      const { labels, annotations } = marksOf(owner, name, { role: 'target' }, {}, seals);
      return { metadata: { name, namespace: 'team', labels, annotations } };
    };
    expect(read([ofTeam('c', before)])).toEqual({ elsewhere: [], here: false });
    expect(read([secret('a'), ofTeam('c', here)])).toMatchObject({ here: false });
    for (const state of ['syncing', 'forbidden'])
      expect(read([], { elsewhere: { state } })).toMatchObject({ elsewhere: [] });
  });

  test('Secrets of this address alone are no word of another', () => {
    expect(read([secret('b', { vault: here })])).toMatchObject({ elsewhere: [] });
  });

  test('a Secret that was sealed by nobody, or for another place, is none of ours', () => {
    const copy = { metadata: { ...secret('a').metadata, name: 'copy' } };
    const others = [secret('a', {}, new Seals(InstallationKey.random())), copy];
    expect(read(others)).toMatchObject({ elsewhere: [] });
  });

  test('what is written beside a seal neither makes a move nor hides one', () => {
    const made = annotated(secret('a', { vault: here }), { 'seneschal.dev/vault-url': before.url });
    expect(read([made])).toMatchObject({ elsewhere: [] });
    const hidden = annotated(secret('a'), { 'seneschal.dev/vault-url': here.url });
    expect(read([hidden], { connectedTo: before })).toMatchObject({
      elsewhere: [{ name: 'a', vault: before }],
    });
  });

  test('whose a Secret is, says its binding; where that is gone, the Secret', () => {
    const claimed = annotated(secret('a'), { 'seneschal.dev/organization': 'other' });
    expect(read([claimed])).toMatchObject({ elsewhere: [{ name: 'a' }] });
    expect(read([secret('a')], { organizationOf: { api: 'other' } })).toMatchObject({ elsewhere: [] });
    expect(read([secret('a')], { organizationOf: {} })).toMatchObject({ elsewhere: [{ name: 'a' }] });
  });

  test('a namespace that is being listed, or may not be, says nothing', () => {
    for (const state of ['syncing', 'unwatched', 'missing']) expect(read([], { state })).toBe('unknown');
    expect(read([], { state: 'forbidden' })).toBe('forbidden');
  });
});
