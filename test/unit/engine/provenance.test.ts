import { expect, test } from 'vitest';
import { provenanceOf } from '#engine/provenance.ts';

const managedFields = [
  { manager: 'kubectl', time: '2026-01-01T00:00:00Z' },
  { manager: 'kustomize-controller', time: '2026-01-02T00:00:00Z' },
  { manager: 'seneschal', time: '2026-01-03T00:00:00Z', subresource: 'status' },
];
const object = { name: 'alice', namespace: 'acme', managedFields };

test('annotations come before anything else (A4)', () => {
  const annotations = { 'seneschal.dev/commit': 'abc', 'seneschal.dev/author': 'Alice' };
  const labels = {
    'kustomize.toolkit.fluxcd.io/name': 'apps',
    'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
  };
  expect(provenanceOf({ ...object, annotations, labels })).toEqual({ commit: 'abc', author: 'Alice' });
});

test('then the Flux object that the labels name (A4)', () => {
  const labels = { 'helm.toolkit.fluxcd.io/name': 'acme', 'helm.toolkit.fluxcd.io/namespace': 'flux-system' };
  expect(provenanceOf({ ...object, labels })).toEqual({
    fieldManager: 'helmrelease/flux-system/acme',
    changedAt: '2026-01-02T00:00:00Z',
  });
});

test('then the Argo CD Application of the tracking id (A4)', () => {
  const annotations = { 'argocd.argoproj.io/tracking-id': 'acme-prod:seneschal.dev/Member:acme/alice' };
  expect(provenanceOf({ ...object, annotations }).fieldManager).toBe('argocd-application/acme-prod');
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
] as const)(
  '%s that is longer than the vault takes is cut, and says so (A4)',
  (_, annotations, field, length) => {
    const text = provenanceOf({ ...object, annotations })[field] ?? '';
    expect(text).toHaveLength(length);
    expect(text).toMatch(/(.)\1{200}… \(shortened\)$/);
  },
);

test('the path of a file is bounded as an annotation is (A4)', () => {
  const { path } = provenanceOf(
    { name: 'alice', namespace: 'acme' },
    { path: `${'deep/'.repeat(300)}a.yaml` },
  );
  expect(path).toHaveLength(1024);
  expect(path).toMatch(/… \(shortened\)$/);
});
