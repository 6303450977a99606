/** Worlds of bindings whose targets are about more than one value. */
import { MACHINE_BINDINGS, type Resource } from '#controllers/resources.ts';
import { SECRETS, type Secret } from '#kube/kube.ts';
import { until } from '#test/fakes/kube-until.ts';
import { createWorld, textOf, type World } from './world.ts';

export type TargetSpecs = NonNullable<Resource<'MachineBinding'>['spec']['targets']>;

/** A running operator, and a vault with these values, all granted. Keys are `project/secret`; the project is payments. */
export async function worldOf(values: Readonly<Record<string, string>>): Promise<World> {
  const world = await createWorld({ grants: Object.keys(values) });
  for (const [name, value] of Object.entries(values)) set(world, name, value);
  await world.startOperator();
  world.publish();
  return world;
}

function set(world: World, name: string, value: string) {
  const [project = '', secret = ''] = name.split('/');
  return world.vault.set(project, secret, value);
}

/** A new value, and the word of it. */
export function change(world: World, name: string, value: string): void {
  world.registry.moveSecrets(`${world.namespace}/acme`, [set(world, name, value)]);
}

export async function bind(world: World, targets: TargetSpecs, name = 'api'): Promise<void> {
  const secrets = [...new Set(world.vault.secrets.map((secret) => secret.name))];
  await world.createBinding(name, { projects: [{ name: 'payments', secrets }], targets });
}

export function declare(world: World, targets: TargetSpecs): Promise<unknown> {
  return world.admin.patch(
    MACHINE_BINDINGS,
    { namespace: world.namespace, name: 'api' },
    { spec: { targets } },
  );
}

export const ready = (world: World, name = 'api') =>
  until(`the binding ${name} is ready`, () => world.isReady(name));

/** Waits until the targets stand so; the message. */
export async function synced(world: World, reason: string, name = 'api'): Promise<string> {
  let message = '';
  await until(`the targets of ${name} stand as ${reason}`, async () => {
    const condition = await world.condition(name, 'SecretsSynced');
    message = condition?.message ?? '';
    return condition?.reason === reason;
  });
  return message;
}

export async function textsOf(world: World, name: string): Promise<Record<string, string> | undefined> {
  const secret = await world.secret(name);
  if (secret === undefined) return undefined;
  return Object.fromEntries(Object.keys(secret.data ?? {}).map((key) => [key, textOf(secret, key) ?? '']));
}

/** A Secret that somebody else made. */
export function plantSecret(
  world: World,
  name: string,
  data: Readonly<Record<string, string>>,
  metadata: Partial<Secret['metadata']> = {},
  more: Partial<Secret> = {},
): Promise<Secret> {
  return world.admin.create(
    SECRETS,
    {
      metadata: { name, namespace: world.namespace, ...metadata },
      data: Object.fromEntries(
        Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
      ),
      ...more,
    },
    { fieldManager: 'team' },
  );
}
