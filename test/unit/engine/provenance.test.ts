import { describe, expect, it, test } from 'vitest';
import { deliveryNamedBy } from '#engine/delivery.ts';
import { provenanceOf } from '#engine/provenance.ts';

const managedFields = [
  { manager: 'kubectl', time: '2026-01-01T00:00:00Z' },
  { manager: 'kustomize-controller', time: '2026-01-02T00:00:00Z' },
  { manager: 'seneschal', time: '2026-01-03T00:00:00Z', subresource: 'status' },
];
const object = { name: 'alice', namespace: 'acme', managedFields };

const flux = (name: string) => ({
  'kustomize.toolkit.fluxcd.io/name': name,
  'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
});
const annotations = { 'seneschal.dev/commit': 'abc', 'seneschal.dev/author': 'Alice' };

test('annotations come before what delivers the object (A4)', () => {
  expect(provenanceOf({ ...object, annotations, labels: flux('apps') })).toEqual({
    commit: 'abc',
    author: 'Alice',
  });
});

test.each([
  ['the Kustomization', { labels: flux('apps') }, 'kustomize-controller', 'kustomization/flux-system/apps'],
  [
    'the HelmRelease',
    { labels: { 'helm.toolkit.fluxcd.io/name': 'acme', 'helm.toolkit.fluxcd.io/namespace': 'flux-system' } },
    'helm-controller',
    'helmrelease/flux-system/acme',
  ],
  [
    'the Application',
    { annotations: { 'argocd.argoproj.io/tracking-id': 'acme-prod:seneschal.dev/Member:acme/alice' } },
    'argocd-controller',
    'argocd-application/acme-prod',
  ],
  [
    'an Application of another namespace',
    { annotations: { 'argocd.argoproj.io/tracking-id': 'team_acme:seneschal.dev/Member:acme/alice' } },
    'argocd-controller',
    'argocd-application/team/acme',
  ],
])('then %s that its marks name, where that changed the spec last (A4)', (_, marks, manager, named) => {
  const fields = [{ manager, time: '2026-01-02T00:00:00Z' }];
  expect(provenanceOf({ ...object, ...marks, managedFields: fields })).toEqual({
    fieldManager: named,
    changedAt: '2026-01-02T00:00:00Z',
  });
  expect(deliveryNamedBy({ fieldManager: named })).toMatchObject({ name: named.split('/').at(-1) });
});

describe('a spec that somebody else than what delivers it changed last', () => {
  const spec = { 'f:metadata': {}, 'f:spec': {} };
  const byFlux = { manager: 'kustomize-controller', time: '2026-01-02T00:00:00Z', fieldsV1: spec };

  it.each([
    ['later', '2026-01-03T00:00:00Z'],
    ['in the same second', byFlux.time],
  ])('is not from Git, whatever annotations and labels say: %s (A4)', (_, time) => {
    const hand = { manager: 'kubectl-edit', time, fieldsV1: { 'f:spec': {} } };
    for (const managedFields of [
      [byFlux, hand],
      [hand, byFlux],
    ]) {
      expect(provenanceOf({ ...object, annotations, labels: flux('apps'), managedFields })).toEqual({
        fieldManager: 'kubectl-edit',
        changedAt: time,
        notFromGit: true,
      });
    }
  });

  it('is from Git again once that wrote it anew, and where only a label was set by hand (A4)', () => {
    const earlier = { manager: 'kubectl-edit', time: '2026-01-01T00:00:00Z', fieldsV1: spec };
    const label = {
      manager: 'kubectl-label',
      time: '2026-01-04T00:00:00Z',
      fieldsV1: { 'f:metadata': {} },
    };
    const managedFields = [byFlux, earlier, label];
    expect(provenanceOf({ ...object, labels: flux('apps'), managedFields })).toEqual({
      fieldManager: 'kustomization/flux-system/apps',
      changedAt: byFlux.time,
    });
  });
});

test('else the field manager and time of the last change to the spec, not to the status (A4)', () => {
  expect(provenanceOf(object)).toEqual({
    fieldManager: 'kustomize-controller',
    changedAt: '2026-01-02T00:00:00Z',
  });
});

test('nothing where nothing is known', () => {
  expect(provenanceOf({ name: 'alice', namespace: 'acme' })).toEqual({});
});

test('what is known otherwise comes last, and only where the object tells nothing (A4)', () => {
  const path = { path: 'members/alice.yaml' };
  expect(provenanceOf({ name: 'alice', namespace: 'acme' }, path)).toEqual(path);
  expect(provenanceOf(object, path)).not.toHaveProperty('path');
});

test.each([
  ['an annotation', { 'seneschal.dev/commit': 'c'.repeat(600) }, 'commit', 256],
  ['the tracking id of Argo CD', { 'argocd.argoproj.io/tracking-id': 'a'.repeat(600) }, 'fieldManager', 256],
] as const)('%s that is longer than the vault takes is cut, and says so (A4)', (_, own, field, length) => {
  const fields = [{ manager: 'argocd-controller', time: '2026-01-02T00:00:00Z' }];
  const text = provenanceOf({ ...object, annotations: own, managedFields: fields })[field] ?? '';
  expect(text).toHaveLength(length);
  expect(text).toMatch(/(.)\1{200}… \(shortened\)$/);
});

test('the path of a file is bounded as an annotation is (A4)', () => {
  const { path } = provenanceOf(
    { name: 'alice', namespace: 'acme' },
    { path: `${'deep/'.repeat(300)}a.yaml` },
  );
  expect(path).toHaveLength(1024);
  expect(path).toMatch(/… \(shortened\)$/);
});
