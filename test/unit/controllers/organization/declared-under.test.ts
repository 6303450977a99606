import { beforeEach, describe, expect, it } from 'vitest';
import { DeclaredUnder } from '#controllers/organization/declared-under.ts';
import type { Resource } from '#controllers/resources.ts';
import { type KubeClient, KubeError, type KubeObject } from '#kube/kube.ts';

const { signal } = new AbortController();
const access = [{ namespace: 'team', kinds: ['Member'] }];
const organization = {
  metadata: { name: 'acme', namespace: 'acme', uid: 'org' },
  spec: { access },
} as unknown as Resource<'Organization'>;

/** A UID; `gone`: of what is being deleted; `forbidden`: it may not be read. */
type Found = string | { readonly gone: string } | 'forbidden' | undefined;

/** By name. */
let namespaces: Record<string, Found>;
/** Of the Organization, and of CRDs by their plural, where they are not as they were. */
let others: Record<string, Found>;
let under: DeclaredUnder;

beforeEach(() => {
  namespaces = { acme: 'ns-acme', team: 'ns-team' };
  others = {};
  const foundOf = (resource: string, name: string): Found => {
    if (resource === 'namespaces') return namespaces[name];
    const key = resource === 'organizations' ? 'acme' : (name.split('.')[0] ?? '');
    if (key in others) return others[key];
    return resource === 'organizations' ? 'org' : `crd-${key}`;
  };
  const find = async ({ resource }: { resource: string }, { name }: { name: string }) => {
    const found = foundOf(resource, name);
    if (found === 'forbidden')
      throw new KubeError({ verb: 'get', resource, name }, { code: 403, reason: 'Forbidden' });
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

  it.each<[string, string, Found]>([
    ['the Organization is deleted', 'acme', undefined],
    ['the Organization is being deleted', 'acme', { gone: 'org' }],
    ['the Organization is another one of that name', 'acme', 'org-again'],
    ['the Organization may not be read any more', 'acme', 'forbidden'],
    ['a CRD is deleted', 'members', undefined],
    ['a CRD is being deleted', 'members', { gone: 'crd-members' }],
    ['a CRD is another one of that name', 'members', 'crd-members-again'],
    ['a CRD may not be read any more', 'members', 'forbidden'],
  ])('is not confirmed once %s, and nothing is lost by it (rail 1)', async (_, what, is) => {
    await under.read(organization, signal);
    others[what] = is;
    expect(await under.confirm(organization, signal)).toBe(false);
  });

  it.each<[string, Found]>([
    ['is deleted', undefined],
    ['is being deleted', { gone: 'ns-team' }],
    ['may not be read any more', 'forbidden'],
  ])('is not confirmed once a namespace that brought objects %s (rail 1)', async (_, is) => {
    await under.read(organization, signal);
    namespaces.team = is;
    expect(await under.confirm(organization, signal)).toBe(false);
    expect(await under.confirm(organization, signal)).toBe(false);
    expect(Object.keys((await under.read(organization, signal)) ?? {})).toEqual(['acme']);
  });

  it('is confirmed without a namespace of `access` that may not be read: it brings nothing, and holds up no loss of others', async () => {
    namespaces.team = 'forbidden';
    expect(Object.keys((await under.read(organization, signal)) ?? {})).toEqual(['acme']);
    expect(await under.confirm(organization, signal)).toBe(true);
  });

  it('is unknown where the Organization’s own namespace cannot be read', async () => {
    namespaces = { team: 'ns-team' };
    expect(await under.read(organization, signal)).toBeUndefined();
    expect(await under.confirm(organization, signal)).toBe(false);
  });
});
