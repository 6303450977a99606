import { beforeEach, describe, expect, it } from 'vitest';
import { DeclaredUnder } from '#controllers/organization/declared-under.ts';
import type { Resource } from '#controllers/resources.ts';
import type { KubeClient, KubeObject } from '#kube/kube.ts';

const { signal } = new AbortController();
const access = [{ namespace: 'team', kinds: ['Member'] }];
const organization = {
  metadata: { name: 'acme', namespace: 'acme', uid: 'org' },
  spec: { access },
} as unknown as Resource<'Organization'>;

/** UIDs of namespaces; `gone`: being deleted. */
let namespaces: Record<string, string | { readonly gone: string }>;
let under: DeclaredUnder;

beforeEach(() => {
  namespaces = { acme: 'ns-acme', team: 'ns-team' };
  const find = async ({ resource }: { resource: string }, { name }: { name: string }) => {
    if (resource === 'organizations') return { metadata: { name, uid: 'org' } };
    if (resource !== 'namespaces') return { metadata: { name, uid: `crd-${name.split('.')[0]}` } };
    const found = namespaces[name];
    if (found === undefined) return undefined;
    if (typeof found === 'string') return { metadata: { name, uid: found } };
    return { metadata: { name, uid: found.gone, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  };
  under = new DeclaredUnder({ find } as unknown as KubeClient & { find: () => Promise<KubeObject> });
});

describe('under which UIDs objects are declared', () => {
  it('is told for each namespace that may bring them', async () => {
    const uids = await under.read(organization, signal);
    expect(uids?.acme?.Member).toBe('org/ns-acme/crd-members');
    expect(uids?.team?.Member).toBe('org/ns-team/crd-members');
    expect(await under.confirm(organization, signal)).toBe(true);
  });

  it.each([
    ['is not there', undefined],
    ['is being deleted, for as long as its tenant likes', { gone: 'ns-team' }],
  ])('is not told of a namespace that %s, which holds up no loss of others (rail 9)', async (_, is) => {
    if (is === undefined) delete namespaces.team;
    else namespaces.team = is;
    expect(Object.keys((await under.read(organization, signal)) ?? {})).toEqual(['acme']);
    expect(await under.confirm(organization, signal)).toBe(true);
  });

  it('is read anew once a namespace is another one, and nothing is lost before (rail 1)', async () => {
    await under.read(organization, signal);
    namespaces.team = 'ns-team-again';
    expect(await under.confirm(organization, signal)).toBe(false);
    expect((await under.read(organization, signal))?.team?.Member).toBe('org/ns-team-again/crd-members');
    expect(await under.confirm(organization, signal)).toBe(true);
  });

  it('is unknown where the Organization’s own namespace cannot be read', async () => {
    namespaces = { team: 'ns-team' };
    expect(await under.read(organization, signal)).toBeUndefined();
    expect(await under.confirm(organization, signal)).toBe(false);
  });
});
