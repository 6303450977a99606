import { describe, expect, test } from 'vitest';
import type { MachineBinding } from '#controllers/machinebinding/input.ts';
import { type BindingIdentity, marksOf } from '#controllers/machinebinding/marks.ts';
import { createSealReader, type SealReaderWorld } from '#controllers/machinebinding/seal-reader.ts';
import { Seals } from '#controllers/machinebinding/seals.ts';
import { organizationKeyOf } from '#controllers/resources.ts';
import { InstallationKey } from '#identity/installation-key.ts';
import { keyOf, type MetadataOnly, type ObjectRef, refOf } from '#kube/kube.ts';
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

interface Known {
  /** Of the Organization's namespace. */
  readonly state?: string;
  /** Of the namespace `team`. */
  readonly stateOfTeam?: string;
  /** Which Organization the bindings of the namespaces name. */
  readonly organizationOf?: Readonly<Record<string, string>>;
  readonly bindingsAreListed?: boolean;
  readonly connectedTo?: VaultAddress | null;
}

type SecretChange = { type: string; object: MetadataOnly; previous?: MetadataOnly };

function readerOf(secrets: readonly MetadataOnly[], known: Known = {}) {
  const { state = 'live', stateOfTeam = 'live', bindingsAreListed = true } = known;
  const organizationOf = known.organizationOf ?? { 'ns/api': 'ns/acme', 'team/of-team': 'ns/acme' };
  const bindings = Object.entries(organizationOf).map(([key, organization]) => ({
    metadata: refOf(key),
    spec: { organizationRef: refOf(organization) },
  })) as unknown as MachineBinding[];
  const changes: ((change: SecretChange) => void)[] = [];
  const states: ((namespace: string) => void)[] = [];
  const world = {
    secrets: {
      state: (namespace: string) => (namespace === 'team' ? stateOfTeam : state),
      store: {
        list: (namespace?: string) =>
          secrets.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
      },
      onChange: (handler: (typeof changes)[number]) => changes.push(handler),
      onState: (handler: (typeof states)[number]) => states.push(handler),
    },
    bindings: {
      hasSynced: () => bindingsAreListed,
      store: {
        get: (ref: ObjectRef) => bindings.find(({ metadata }) => keyOf(metadata) === keyOf(ref)),
        byIndex: (_: string, organization: string) =>
          bindings.filter((one) => organizationKeyOf(one) === organization),
      },
    },
    seals,
  } as unknown as SealReaderWorld;
  return {
    reader: createSealReader(world),
    changed: (change: SecretChange): void => {
      for (const handler of changes) handler(change);
    },
    stateChanged: (namespace: string): void => {
      for (const handler of states) handler(namespace);
    },
  };
}

function read(secrets: readonly MetadataOnly[], known: Known = {}) {
  return readerOf(secrets, known).reader.of('ns/acme', here, known.connectedTo ?? null);
}

/** A Secret of a binding in another namespace. */
function ofTeam(name: string, vault: VaultAddress, organization = 'ns/acme'): MetadataOnly {
  const owner = { ...binding, namespace: 'team', name: 'of-team', organization, vault };
  const { labels, annotations } = marksOf(owner, name, { role: 'target' }, {}, seals);
  return { metadata: { name, namespace: 'team', labels, annotations } };
}

describe('which vault the Secrets of an Organization are sealed for', () => {
  test('a Secret of another address is named with it', () => {
    expect(read([secret('a'), secret('b', { vault: here })])).toEqual({
      elsewhere: [{ name: 'a', vault: before }],
      here: true,
      outside: [],
      unread: [],
    });
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
    expect(read([secret('a')], { organizationOf: { 'ns/api': 'ns/other' } })).toMatchObject({
      elsewhere: [],
    });
    expect(read([secret('a')], { organizationOf: {} })).toMatchObject({ elsewhere: [{ name: 'a' }] });
  });

  test('a namespace that is being listed, or may not be, is named and says nothing', () => {
    for (const state of ['syncing', 'unwatched', 'missing'])
      expect(read([], { state })).toMatchObject({ unread: [{ namespace: 'ns', because: 'unknown' }] });
    expect(read([], { state: 'forbidden' })).toMatchObject({
      unread: [{ namespace: 'ns', because: 'forbidden' }],
    });
  });
});

describe('Secrets in another namespace than the Organization', () => {
  const connectedTo = before;

  test('are told of where they are sealed for the address in the status, with their namespace', () => {
    expect(read([ofTeam('c', before)], { connectedTo })).toEqual({
      elsewhere: [],
      here: false,
      outside: [{ name: 'team/c', vault: before }],
      unread: [],
    });
  });

  test('are none of ours where they are sealed for another vault: a tenant has such of theirs', () => {
    const tenants = { url: 'https://tenants.test', vaultId: 'vault_2' };
    const dressed = annotated(ofTeam('c', tenants), {
      'seneschal.dev/vault-url': before.url,
      'seneschal.dev/vault-id': before.vaultId,
    });
    for (const one of [ofTeam('c', tenants), dressed])
      expect(read([one], { connectedTo })).toMatchObject({ elsewhere: [], outside: [] });
  });

  test('are hidden by nothing that is written beside their seal', () => {
    const hidden = annotated(ofTeam('c', before), { 'seneschal.dev/vault-url': here.url });
    expect(read([hidden], { connectedTo })).toMatchObject({ outside: [{ name: 'team/c' }] });
  });

  test('vouch for no address', () => {
    expect(read([secret('a'), ofTeam('c', here)], { connectedTo })).toMatchObject({ here: false });
  });

  test('are those of the binding’s Organization; where the binding is gone, of the one that they say', () => {
    const organizationOf = { 'team/of-team': 'ns/other' };
    expect(read([ofTeam('c', before)], { connectedTo, organizationOf })).toMatchObject({ outside: [] });
    for (const [organization, found] of [
      ['ns/acme', 1],
      ['ns/other', 0],
    ] as const)
      expect(
        read([ofTeam('c', before, organization)], { connectedTo, organizationOf: {} }).outside,
      ).toHaveLength(found);
  });

  test('are not looked at where the Organization stays, or was nowhere', () => {
    for (const at of [here, null])
      for (const stateOfTeam of ['live', 'syncing', 'forbidden'])
        expect(read([ofTeam('c', before)], { connectedTo: at, stateOfTeam })).toMatchObject({
          outside: [],
          unread: [],
        });
  });

  test('are not known where they are being listed or may not be, in a namespace with a binding that names it', () => {
    expect(read([], { connectedTo, stateOfTeam: 'syncing' }).unread).toEqual([
      { namespace: 'team', because: 'unknown' },
    ]);
    expect(read([], { connectedTo, stateOfTeam: 'forbidden' }).unread).toEqual([
      { namespace: 'team', because: 'forbidden' },
    ]);
    const organizationOf = { 'team/of-team': 'ns/other' };
    expect(read([], { connectedTo, stateOfTeam: 'forbidden', organizationOf }).unread).toEqual([]);
  });

  test('are not known before the bindings are: nobody knows where to look', () => {
    expect(read([], { connectedTo, bindingsAreListed: false }).unread).toHaveLength(1);
    expect(read([], { connectedTo: here, bindingsAreListed: false }).unread).toEqual([]);
  });
});

describe('what has an Organization looked at again', () => {
  function toldBy(act: (world: ReturnType<typeof readerOf>) => void): string[] {
    const world = readerOf([]);
    const told: string[] = [];
    world.reader.onChange((isOf) => told.push(...['ns/acme', 'ns/other', 'team/own'].filter(isOf)));
    act(world);
    return told;
  }

  test('is a change of a Secret of it, in whatever namespace', () => {
    for (const object of [secret('a'), ofTeam('c', before)])
      for (const type of ['added', 'deleted'])
        expect(toldBy(({ changed }) => changed({ type, object }))).toEqual(['ns/acme']);
  });

  test('is a Secret that says no longer whose it is', () => {
    const previous = secret('a', { name: 'gone', organization: 'other' });
    const object = { metadata: { name: 'a', namespace: 'ns' } };
    expect(toldBy(({ changed }) => changed({ type: 'modified', object, previous }))).toEqual(['ns/other']);
  });

  test('is a namespace that can be read at last: its own, or one with a binding that names it', () => {
    expect(toldBy(({ stateChanged }) => stateChanged('ns'))).toEqual(['ns/acme', 'ns/other']);
    expect(toldBy(({ stateChanged }) => stateChanged('team'))).toEqual(['ns/acme', 'team/own']);
    expect(toldBy(({ stateChanged }) => stateChanged('far'))).toEqual([]);
  });
});
