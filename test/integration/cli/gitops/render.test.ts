import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { folderWith, seneschal } from '#test/builders/command-line.ts';

function binding(name: string, targets: string, key = `${name}-key`): string {
  return `apiVersion: seneschal.dev/v1alpha1
kind: MachineBinding
metadata: {name: ${name}, namespace: acme}
spec:
  organizationRef: {name: acme}
  machineName: ${name}
  projects: [{name: payments, secrets: [db-user, db-password]}]
  key: {secretName: ${key}}
  targets:
${targets}`;
}

const ENV = `    - secretName: env
      from: [{project: payments, names: db-*, keys: Environment}]
      templates:
        - {key: url, text: "pg://{{ values.DB_USER }}:{{ values.DB_PASSWORD | url_encode }}@db"}
        - {key: app.yaml, configMapRef: {name: templates, key: app}}
`;
const TEMPLATES = `apiVersion: v1
kind: ConfigMap
metadata: {name: templates, namespace: acme}
data: {app: "user: {{ values.DB_USER | json }}"}
`;
const VALUES = 'payments: {db-user: yes-man, db-password: "p@ss"}\n';

/** Runs it over these files; `values.yaml` is outside of the folder. */
async function rendered(files: Readonly<Record<string, string>>, values = VALUES, ...more: string[]) {
  const outside = folderWith({ 'values.yaml': values });
  return seneschal('render', folderWith(files), '--values', join(outside, 'values.yaml'), ...more);
}

test('what targets would be is printed as Secrets, with templates of ConfigMaps of the folder', async () => {
  const { code, stdout } = await rendered({ 'api.yaml': binding('api', ENV), 'templates.yaml': TEMPLATES });
  expect(code).toBe(0);
  expect(parse(stdout)).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'env', namespace: 'acme' },
    type: 'Opaque',
    stringData: {
      DB_PASSWORD: 'p@ss',
      DB_USER: 'yes-man',
      'app.yaml': 'user: "yes-man"',
      url: 'pg://yes-man:p%40ss@db',
    },
  });
});

test('several targets are documents, or a list in JSON; one binding can be asked for alone', async () => {
  const one = (name: string) => `    - {secretName: ${name}, data: [{project: payments, secret: db-user}]}\n`;
  const files = { 'api.yaml': binding('api', one('a')), 'web.yaml': binding('web', one('b') + one('c')) };
  const { stdout } = await rendered(files);
  expect(parseAllDocuments(stdout)).toHaveLength(3);
  const list = JSON.parse((await rendered(files, VALUES, '-o', 'json', '--binding', 'web')).stdout) as {
    items: { metadata: { name: string } }[];
  };
  expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['b', 'c']);
});

test('what cannot be is told with its place, and no value is', async () => {
  const docker = `    - secretName: registry
      type: kubernetes.io/dockerconfigjson
      data: [{key: .dockerconfigjson, project: payments, secret: db-password}]
`;
  const { code, stdout, stderr } = await rendered({ 'api.yaml': binding('api', docker) });
  expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
  expect(stderr).toContain('api.yaml:10:7: spec.targets[0]: .dockerconfigjson is no JSON object with auths');
  expect(stderr).not.toContain('p@ss');
  const missing = await rendered({ 'api.yaml': binding('api', docker) }, 'payments: {}\n');
  expect(missing.stderr).toContain('the file of values has none for payments/db-password');
});

test.each([
  ['a number', 'payments: {db-user: 5}', 'payments.db-user is neither a text nor a map of fields'],
  ['no map', 'hunter2', 'has no projects'],
  ['no YAML', '{hunter2', 'is no YAML'],
])('a file of values that is %s is refused without what is in it', async (_, values, message) => {
  const { code, stderr } = await rendered({ 'api.yaml': binding('api', ENV) }, values);
  expect(code).toBe(6);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('hunter2');
});

test('two bindings that claim one Secret are each told of the other, by validate too', async () => {
  const target = '    - {secretName: web-key, data: [{project: payments, secret: db-user}]}\n';
  const organization = `apiVersion: seneschal.dev/v1alpha1
kind: Organization
metadata: {name: acme, namespace: acme}
spec: {vault: {seneschal: {url: https://vault.example, vaultId: vault_acme000000000001, credentialsSecretRef: {name: c}}}}
`;
  const folder = folderWith({
    'acme.yaml': organization,
    'api.yaml': binding('api', target),
    'web.yaml': binding('web', '    []\n'),
  });
  const { code, stderr } = await seneschal('validate', folder);
  expect(code).toBe(6);
  expect(stderr).toContain(
    'api.yaml:10:20: spec.targets[0].secretName: Conflict: Secret web-key is claimed by MachineBinding web in web.yaml:1 too',
  );
  expect(stderr).toContain(
    'web.yaml:8:21: spec.key.secretName: Conflict: Secret web-key is claimed by MachineBinding api in api.yaml:1 too',
  );
});

test('validate tells what no value could mend, and warns of what steers other controllers', async () => {
  const broken = `    - secretName: env
      data: [{project: payments, secret: db-user}]
      templates: [{key: url, text: "{{ values.x | nothing }}"}]
      labels: {app.kubernetes.io/name: x}
`;
  const { code, stderr } = await rendered({ 'api.yaml': binding('api', broken) });
  expect(code).toBe(6);
  expect(stderr).toContain('template of url: undefined filter: nothing, line:1, col:1');
  expect(stderr).toContain('warning: labels: app.kubernetes.io/name steers another controller');
});
