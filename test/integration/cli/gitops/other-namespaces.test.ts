import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { folderWith, seneschal } from '#test/builders/command-line.ts';

const organization = (access: string) => `apiVersion: seneschal.dev/v1alpha1
kind: Organization
metadata: {name: acme, namespace: acme}
spec:
  vault: {seneschal: {credentialsSecretRef: {name: vault-credentials}}}
${access}`;
const member = `apiVersion: seneschal.dev/v1alpha1
kind: Member
metadata: {name: bob, namespace: team}
spec:
  organizationRef: {name: acme, namespace: acme}
  email: bob@acme.example
`;
const binding = `apiVersion: seneschal.dev/v1alpha1
kind: MachineBinding
metadata: {name: ci, namespace: acme}
spec:
  organizationRef: {name: acme}
  machineName: ci
  projects: [{name: web}]
  key: {secretName: ci-key}
`;

async function validated(files: Readonly<Record<string, string>>) {
  const folder = folderWith(files);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { code, stderr } = await seneschal('validate', folder);
  return { code, stderr };
}

test('an object of a namespace that no entry lists is a mistake of the folder, with its place', async () => {
  const { code, stderr } = await validated({ 'a.yaml': organization(''), 'bob.yaml': member });
  expect(code).toBe(6);
  expect(stderr).toContain(
    'bob.yaml:1:1: No entry of spec.access of Organization acme/acme lists namespace team.',
  );
});

test('so is one that goes beyond its entry; within it the folder is valid', async () => {
  const access = '  access: [{namespace: team, kinds: [Project]}]\n';
  const { code, stderr } = await validated({ 'a.yaml': organization(access), 'bob.yaml': member });
  expect(code).toBe(6);
  expect(stderr).toContain('bob.yaml:1:1: Namespace team may not bring it: kinds: [Member]. In spec.access');
  const allowing = '  access: [{namespace: team, kinds: [Member]}]\n';
  expect((await validated({ 'a.yaml': organization(allowing), 'bob.yaml': member })).code).toBe(0);
});

test('so is a binding of a project that nothing declares beside the Organization (H1)', async () => {
  const { code, stderr } = await validated({ 'a.yaml': organization(''), 'ci.yaml': binding });
  expect(code).toBe(6);
  expect(stderr).toContain('ci.yaml:1:1: No Project object of namespace acme declares web');
});

test('a reference without its namespace is told which one to write', async () => {
  const unnamed = member.replace(', namespace: acme}\n  email', '}\n  email');
  const { code, stderr } = await validated({ 'a.yaml': organization(''), 'bob.yaml': unnamed });
  expect(code).toBe(6);
  expect(stderr).toContain('there is no Organization "acme" of namespace team in the folder');
  expect(stderr).toContain('organizationRef: {name: acme, namespace: acme}');
});
