import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MachineClient } from '#test/fakes/machine-client.ts';
import { type Manifest, read } from './cluster.ts';
import type { World } from './world.ts';

interface SecretObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** What a pod would see under a key of a target, or undefined while it is not there. */
export async function targetValue(world: World, secret: string, key: string): Promise<string | undefined> {
  const value = (await secretOf(world, secret))?.data?.[key];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
}

/**
 * Mounts the key Secret as the kubelet would, and reads with an SDK's protocol: nothing else is given.
 * @throws where the value is not the one expected; the value itself is not named
 */
export async function readAsPod(
  world: World,
  keySecret: string,
  name: string,
  expected: string,
): Promise<string> {
  const data = (await secretOf(world, keySecret))?.data;
  if (data === undefined) throw new Error(`there is no Secret ${keySecret}`);
  const mount = join(world.folder, 'mounted');
  await mkdir(mount, { recursive: true, mode: 0o700 });
  for (const [file, content] of Object.entries(data)) {
    await writeFile(join(mount, file), Buffer.from(content, 'base64'), { mode: 0o600 });
  }
  const client = MachineClient.fromFolder(mount);
  const exported = await client.exported();
  const secret = exported.find((it) => it.name === name);
  if (secret === undefined) throw new Error(`${name} is not granted to the machine`);
  if ((await client.secret(secret.id)) !== expected) throw new Error(`${name} has another value`);
  return `${exported.length} secrets exported, ${name} is as it was set`;
}

async function secretOf(world: World, name: string): Promise<SecretObject | undefined> {
  const object: Manifest = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: world.namespace },
  };
  return read<SecretObject>(world.admin, object);
}
