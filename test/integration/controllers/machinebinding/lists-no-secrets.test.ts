import { readFile } from 'node:fs/promises';
import { expect, inject, test } from 'vitest';
import { CONFIG_MAPS, SECRETS } from '#kube/kube.ts';
import { bind, plantSecret, ready, worldOf } from './target-world.ts';

interface Entry {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly resource: string; readonly namespace?: string };
}

/** What the API server says that an account listed or watched of Secrets and ConfigMaps. */
async function listedBy(username: string): Promise<readonly Entry[]> {
  const lines = (await readFile(inject('auditLog'), 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Entry).filter(({ user }) => user.username === username);
}

/** An existing cluster keeps its audit log to itself. */
test.skipIf(inject('auditLog') === '')(
  'the operator lists and watches Secrets by its label in namespaces that take part, and ConfigMaps nowhere',
  async () => {
    const world = await worldOf({ 'payments/a': '1' });
    const metadata = { name: 'texts', namespace: world.namespace };
    await world.admin.create(CONFIG_MAPS, { metadata, data: { a: '{{ values.a }}' } });
    await plantSecret(world, 'shared', {}, { annotations: { 'seneschal.dev/merge': 'api' } });
    const data = [{ project: 'payments', secret: 'a' }];
    const templates = [{ key: 't', configMapRef: { name: 'texts', key: 'a' } }];
    await bind(world, [
      { secretName: 'env', data, templates },
      { secretName: 'shared', data, creationPolicy: 'Merge' },
      { secretName: 'content', data, immutable: true },
    ]);
    await ready(world);

    const entries = await listedBy(`system:serviceaccount:${world.namespace}:operator`);
    const asked = new Set(
      entries.map(({ objectRef, requestURI }) => {
        const selector = new URL(requestURI, 'https://api').searchParams.get('labelSelector');
        return `${objectRef?.resource} of ${objectRef?.namespace ?? 'all namespaces'} by ${selector}`;
      }),
    );
    expect([...asked]).toEqual([`secrets of ${world.namespace} by seneschal.dev/binding-uid`]);

    // Who lists all of them is in the same log.
    await world.admin.list(SECRETS, { namespace: world.namespace });
    const byAdmin = (await listedBy('admin')).filter(
      ({ objectRef }) => objectRef?.namespace === world.namespace,
    );
    expect(byAdmin.map(({ requestURI }) => requestURI.includes('labelSelector'))).toContain(false);
  },
);
