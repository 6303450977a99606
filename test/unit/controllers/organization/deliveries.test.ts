import { describe, expect, it } from 'vitest';
import { Deliveries } from '#controllers/organization/deliveries.ts';
import { type KubeClient, KubeError, type ResourceType } from '#kube/kube.ts';

const { signal } = new AbortController();
const COMMIT = 'c'.repeat(40);
const REPOSITORY = 'https://git.example/fleet';

/** An API server that has these objects by `resource/namespace/name`, and answers nothing else but this code. */
function reading(objects: Readonly<Record<string, object>>, code = 404) {
  const asked: string[] = [];
  let now = 0;
  const find = async ({ resource }: ResourceType, ref: { namespace?: string; name: string }) => {
    const key = `${resource}/${ref.namespace}/${ref.name}`;
    asked.push(key);
    const object = objects[key];
    if (object !== undefined) return object;
    throw new KubeError({ verb: 'get', resource, ...ref }, { code, reason: 'Other' });
  };
  const deliveries = new Deliveries({ find } as unknown as KubeClient, { now: () => now } as never);
  return { asked, deliveries, pass: (ms: number) => (now += ms) };
}

const kustomization = { kind: 'Kustomization', namespace: 'flux-system', name: 'apps' } as const;
const inventory = { inventory: { entries: [{ id: 'acme_alice_seneschal.dev_Member' }] } };
const sourceRef = { kind: 'GitRepository', name: 'fleet' };
const git = { 'gitrepositories/flux-system/fleet': { spec: { url: 'https://ci:token@git.example/fleet' } } };

describe('what delivers objects tells (A4)', () => {
  it.each([
    ['the commit that is being applied', { lastAttemptedRevision: `main@sha1:${COMMIT}` }, COMMIT],
    ['the last one before Flux names one', { lastAppliedRevision: `main@sha1:${COMMIT}` }, COMMIT],
    ['the digest of an artifact', { lastAttemptedRevision: `latest@sha256:${COMMIT}` }, COMMIT],
    ['a version as it is', { lastAttemptedRevision: '1.2.3' }, '1.2.3'],
  ])('of a Kustomization %s, and where it is kept', async (_, status, commit) => {
    const { deliveries } = reading({
      'kustomizations/flux-system/apps': {
        spec: { sourceRef },
        status: { ...inventory, lastAppliedRevision: `main@sha1:${'0'.repeat(40)}`, ...status },
      },
      ...git,
    });
    expect(await deliveries.read(kustomization, 'acme', signal)).toEqual({ commit, repository: REPOSITORY });
  });

  it('of a HelmRelease the version of the chart and its repository', async () => {
    const { deliveries } = reading({
      'helmreleases/flux-system/acme': {
        spec: {
          targetNamespace: 'acme',
          chart: { spec: { sourceRef: { ...sourceRef, namespace: 'flux-system' } } },
        },
        status: { lastAttemptedRevision: '1.2.3' },
      },
      ...git,
    });
    const delivery = { kind: 'HelmRelease', namespace: 'flux-system', name: 'acme' } as const;
    expect(await deliveries.read(delivery, 'acme', signal)).toEqual({
      commit: '1.2.3',
      repository: REPOSITORY,
    });
  });

  it('of an Application what was synced, never what it is only compared with', async () => {
    const application = (status: object) =>
      reading({
        'applications/argocd/acme': {
          spec: { source: { repoURL: REPOSITORY }, destination: { namespace: 'acme' } },
          status,
        },
      }).deliveries;
    const delivery = { kind: 'Application', namespace: null, name: 'acme' } as const;
    const compared = { sync: { revision: 'newer' } };
    const synced = { ...compared, operationState: { syncResult: { revision: COMMIT } } };
    expect(await application(compared).read(delivery, 'acme', signal)).toEqual({ repository: REPOSITORY });
    expect(await application(synced).read(delivery, 'acme', signal)).toEqual({
      commit: COMMIT,
      repository: REPOSITORY,
    });
  });

  it.each([403, 404])(
    'is nothing where it may not be read (%i), and that is not asked for again at once',
    async (code) => {
      const { asked, deliveries, pass } = reading({}, code);
      expect(await deliveries.read(kustomization, 'acme', signal)).toEqual({});
      expect(await deliveries.read(kustomization, 'acme', signal)).toEqual({});
      expect(asked).toEqual(['kustomizations/flux-system/apps']);
      pass(11 * 60_000);
      await deliveries.read(kustomization, 'acme', signal);
      expect(asked).toHaveLength(2);
    },
  );

  it('is asked for again after a fault', async () => {
    const { asked, deliveries } = reading({}, 500);
    await deliveries.read(kustomization, 'acme', signal);
    await deliveries.read(kustomization, 'acme', signal);
    expect(asked).toHaveLength(2);
  });
});
