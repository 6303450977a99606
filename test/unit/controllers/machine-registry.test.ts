import { expect, test } from 'vitest';
import { MachineKeys } from '#controllers/machine-keys.ts';
import { MachineRegistry, type OrganizationView } from '#controllers/machine-registry.ts';
import type { Machine, OrganizationState, Secret } from '#model/organization.ts';
import type { Provider } from '#provider/provider.ts';
import { machineKey } from '#test/builders/organization.ts';

const provider = { vaultId: 'v', apiUrl: 'u' } as unknown as Provider;

const machine = (name: string, secrets: string[], keys: string[] = []): Machine => ({
  id: `id-${name}`,
  name,
  approved: true,
  enabled: true,
  disabledAt: null,
  keys: keys.map((fingerprint) => machineKey(fingerprint)),
  access: [{ project: 'p', secrets }],
});
const secret = (name: string, version: number): Secret => ({
  id: `sk_${name}`,
  project: 'p',
  name,
  version,
  fieldNames: null,
});

function view(machines: Machine[], secrets: Secret[], epoch = 'e'): OrganizationView {
  const state = { epoch, machines, secrets } as unknown as OrganizationState;
  return { provider, caCertificate: null, acts: true, mayMove: false, state, summaries: new Map() };
}

function setUp() {
  const registry = new MachineRegistry();
  const told: string[][] = [];
  let views = 0;
  registry.onChange((_, names) => told.push([...names].sort()));
  registry.onView(() => {
    views += 1;
  });
  return { registry, told, views: () => views };
}

test('only the machines that stand differently are told of', () => {
  const { registry, told, views } = setUp();
  const secrets = [secret('s', 1), secret('t', 1)];
  const first = view([machine('a', ['s']), machine('b', ['t'])], secrets);
  registry.publish('ns/acme', first);
  expect(views()).toBe(1);
  registry.publish('ns/acme', first);
  registry.publish('ns/acme', view([machine('a', ['s'], ['k']), machine('b', ['t'])], secrets));
  expect(told).toEqual([['a']]);
  registry.publish('ns/acme', view([machine('b', ['t'])], secrets));
  expect(told).toEqual([['a'], ['a']]);
  expect(views()).toBe(1);
});

test('a value that moves tells the machines that may read it, once', () => {
  const { registry, told } = setUp();
  registry.publish(
    'ns/acme',
    view([machine('a', ['s']), machine('b', ['t'])], [secret('s', 1), secret('t', 1)]),
  );
  registry.moveSecrets('ns/acme', [{ id: 'sk_s', version: 2 }]);
  registry.moveSecrets('ns/acme', [{ id: 'sk_s', version: 2 }]);
  expect(told).toEqual([['a']]);
  expect(registry.machineOf('ns/acme', 'a')?.secrets).toEqual([
    { id: 'sk_s', project: 'p', name: 's', version: 2 },
  ]);
});

test('a snapshot that is older than the change feed takes no version back, a restored vault does', () => {
  const { registry } = setUp();
  const machines = () => [machine('a', ['s'])];
  registry.publish('ns/acme', view(machines(), [secret('s', 1)]));
  registry.moveSecrets('ns/acme', [{ id: 'sk_s', version: 5 }]);
  registry.publish('ns/acme', view(machines(), [secret('s', 4)]));
  expect(registry.machineOf('ns/acme', 'a')?.secrets[0]?.version).toBe(5);
  registry.publish('ns/acme', view(machines(), [secret('s', 4)], 'restored'));
  expect(registry.machineOf('ns/acme', 'a')?.secrets[0]?.version).toBe(4);
});

test('a summary that changes tells its machine; acting again tells of the whole', () => {
  const { registry, told, views } = setUp();
  const base = view([machine('a', [])], []);
  const held = { machineName: 'a', state: 'Stalled', reason: 'LossBudget', message: '' } as const;
  registry.publish('ns/acme', base);
  registry.publish('ns/acme', { ...base, summaries: new Map([['ns/x', held]]) });
  expect(told).toEqual([['a']]);
  registry.publish('ns/acme', { ...base, acts: false });
  registry.withdraw('ns/acme');
  registry.withdraw('ns/acme');
  expect(views()).toBe(3);
  expect(registry.machineOf('ns/acme', 'a')).toBeUndefined();
});

test('an offered key is told of once, offered to its own vault alone, and forgotten with its binding', () => {
  const vault = { url: 'https://vault.test', vaultId: 'v' };
  const keys = new MachineKeys();
  const told: string[] = [];
  keys.onChange((namespace, name) => told.push(`${namespace}/${name}`));
  keys.offer('ns', 'x', { fingerprint: 'f', publicKey: 'p', vault });
  keys.offer('ns', 'x', { fingerprint: 'f', publicKey: 'p', vault });
  expect(told).toEqual(['ns/x']);
  expect(keys.keyOf('ns', 'x', { ...vault })?.fingerprint).toBe('f');
  expect(keys.keyOf('ns', 'x', { ...vault, url: 'https://elsewhere.test' })).toBeNull();
  expect(keys.keyOf('ns', 'x', { ...vault, vaultId: 'w' })).toBeNull();
  keys.forget('ns', 'x');
  expect(keys.keyOf('ns', 'x', vault)).toBeNull();
});
