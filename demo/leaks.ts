import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeClient } from '#kube/kube.ts';
import type { World } from './world.ts';

interface SecretObject {
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** Keys of identity bundles and credentials that are not secret: pods and statuses print them, and so may we. */
const PUBLIC_KEYS = [
  'identity.json',
  'public.pem',
  'vault-id',
  'machine-id',
  'machine-name',
  'api-url',
  'url',
  'automation-id',
  'ca.crt',
];

/**
 * Looks for every value, private key and password of the demo in everything that was written: logs, Events,
 * statuses, metrics, and what the demo itself printed. Gives where one was found, never what.
 */
export async function leaks(
  world: World,
  printed: string,
  metrics: string,
): Promise<{ needles: number; found: string[] }> {
  const needles = await secretTexts(world);
  const haystacks = new Map([
    ...(await world.logs()),
    ['what the demo printed', printed],
    ['metrics', metrics],
  ]);
  for (const kind of ['organizations', 'members', 'permissiontemplates', 'projects', 'machinebindings']) {
    haystacks.set(kind, await text(world.admin, `/apis/seneschal.dev/v1alpha1/${kind}`));
  }
  haystacks.set('Events', await text(world.admin, '/apis/events.k8s.io/v1/events'));
  const found = [...haystacks]
    .filter(([, content]) => needles.some((needle) => content.includes(needle)))
    .map(([name]) => name);
  return { needles: needles.length, found };
}

async function secretTexts(world: World): Promise<string[]> {
  const body = await world.admin.request({
    method: 'GET',
    path: `/api/v1/namespaces/${world.namespace}/secrets`,
  });
  const secrets = (body.body as { items: SecretObject[] }).items;
  const values = secrets.flatMap((secret) =>
    Object.entries(secret.data ?? {})
      .filter(([key]) => !PUBLIC_KEYS.includes(key))
      .map(([, value]) => value),
  );
  const passwords = await Promise.all(
    [world.vault.owner, ...world.vault.people].map((account) => readFile(account.passwordFile, 'utf8')),
  );
  const key = await readFile(join(world.vault.credentialsDir, 'private.pem'), 'utf8');
  const plain = [...passwords.map((password) => password.trim()), ...pemBody(key)];
  const decoded = values.flatMap((value) => {
    const content = Buffer.from(value, 'base64').toString('utf8');
    return content.includes('PRIVATE KEY') ? pemBody(content) : [content, value];
  });
  return [...new Set([...plain, ...decoded])].filter((needle) => needle.length >= 8);
}

/** The base64 lines of a PEM: a key in one line of JSON would not have the line breaks. */
function pemBody(pem: string): string[] {
  return pem.split('\n').filter((line) => line.length > 0 && !line.startsWith('-----'));
}

async function text(admin: KubeClient, path: string): Promise<string> {
  return JSON.stringify((await admin.request({ method: 'GET', path })).body);
}
