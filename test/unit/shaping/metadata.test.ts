import { expect, test } from 'vitest';
import { faults } from '#test/builders/shaping.ts';

const data = [{ project: 'p', secret: 'x' }];

test.each([
  'kubernetes.io/x',
  'app.kubernetes.io/name',
  'service.beta.kubernetes.io/x',
  'node.k8s.io/x',
  'argocd.argoproj.io/instance',
  'sealedsecrets.bitnami.com/managed',
  'helm.sh/resource-policy',
])('%s, by which another controller is steered, is refused as label and annotation', async (name) => {
  const problem = /steers another controller; take it away, or have whoever runs the operator allow/;
  expect(await faults({ data, labels: { [name]: 'x' } }, ['p/x'])).toEqual([expect.stringMatching(problem)]);
  expect(await faults({ data, annotations: { [name]: 'x' } }, ['p/x'])).toEqual([
    expect.stringMatching(problem),
  ]);
});

test('what whoever runs the operator allows is let pass, and no more', async () => {
  const labels = { 'app.kubernetes.io/name': 'x', 'argocd.argoproj.io/instance': 'x' };
  const problems = await faults({ data, labels }, ['p/x'], ['app.kubernetes.io']);
  expect(problems).toEqual([expect.stringContaining('argocd.argoproj.io/instance')]);
});

test('ours is never allowed', async () => {
  const labels = { 'seneschal.dev/role': 'identity' };
  expect(await faults({ data, labels }, ['p/x'], ['seneschal.dev'])).toEqual([
    'labels: seneschal.dev/role is set by Seneschal alone; take it away',
  ]);
});

test('names and values that Kubernetes refuses are told', async () => {
  const problems = await faults(
    { data, labels: { 'a b': 'x', fine: 'not so fine' }, annotations: { 'UPPER.example/x': 'y' } },
    ['p/x'],
  );
  expect(problems).toEqual([
    'labels: "a b" is no name that Kubernetes takes',
    'labels: the value of fine is none that a label may have',
    'annotations: "UPPER.example/x" is no name that Kubernetes takes',
  ]);
});

test('domains that only end alike are not those of other controllers', async () => {
  expect(await faults({ data, labels: { 'notkubernetes.io/x': 'y', team: 'z' } }, ['p/x'])).toEqual([]);
});
