import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  copyOfExample,
  type DevVault,
  folderWith,
  seneschal,
  startDevVault,
} from '#test/builders/command-line.ts';
import { filesIn } from '#test/builders/credentials.ts';

let vault: DevVault;
beforeAll(async () => {
  vault = await startDevVault();
});
afterAll(() => vault.stop());

const organization = `apiVersion: seneschal.dev/v1alpha1
kind: Organization
metadata: {name: acme}
spec:
  vault:
    seneschal:
      credentialsSecretRef: {name: c}
`;
const member = (spec: string, meta = '{name: a}') => `apiVersion: seneschal.dev/v1alpha1
kind: Member
metadata: ${meta}
spec:
${spec}`;
const good = '  organizationRef: {name: acme}\n  email: a@acme.example\n';

describe('a folder that is no valid configuration exits 6, names file, line and column, and applies nothing (rail 5)', () => {
  test.each([
    ['a text that is no YAML', `${good}  role: [Admin`, /^m\.yaml:7:\d+: .*sequence/],
    ['a key that stands twice', `${good}  email: b@acme.example\n`, /^m\.yaml:7:3: .*given twice/],
    ['a field that is not there', `${good}  rolle: Admin\n`, /^m\.yaml:7:3: spec\.rolle/],
    ['a value of another type', `${good}  grants: Payments\n`, /^m\.yaml:7:11: spec\.grants/],
    ['a value that is not one of the few', `${good}  role: Boss\n`, /^m\.yaml:7:9: spec\.role: .*Admin/],
    ['a field that is missing', '  organizationRef: {name: acme}\n', /^m\.yaml:\d+:\d+: spec\.email/],
    [
      'a template that is not there',
      `${good}  templateRef: {name: x}\n`,
      /^m\.yaml:7:23: spec\.templateRef\.name: There is no PermissionTemplate "x"/,
    ],
    [
      'an Organization that is not there',
      good.replace('acme}', 'acne}'),
      /^m\.yaml:5:27: spec\.organizationRef\.name: there is no Organization "acne".*expected acme/,
    ],
    ['the key __proto__', `${good}  __proto__: {x: 1}\n`, /^m\.yaml:7:3: .*__proto__/],
  ])('%s', async (_, spec, message) => {
    const folder = folderWith({
      'o.yaml': organization,
      'm.yaml': member(spec),
      'ok.yaml': member(good.replace('a@', 'z@'), '{name: z}'),
    });
    const { code, stderr, stdout } = await seneschal('apply', folder, ...vault.options);
    expect(stderr.split('\n')[0]).toMatch(message);
    expect(stderr).toContain('nothing is applied (rail 5)');
    expect(stdout).toBe('');
    expect(code).toBe(6);
  });

  test('an object of a namespace that the Organization does not list', async () => {
    const folder = folderWith({
      'o.yaml': organization,
      'm.yaml': member(good.replace('acme}', 'acme, namespace: default}'), '{name: a, namespace: other}'),
    });
    const { code, stderr } = await seneschal('validate', folder);
    expect(stderr).toContain(
      'm.yaml:1:1: No entry of spec.access of Organization default/acme lists namespace other',
    );
    expect(code).toBe(6);
  });

  test('two Members that claim one e-mail, whatever its case', async () => {
    const folder = folderWith({
      'o.yaml': organization,
      'm.yaml': member(good),
      'n.yaml': member(good.replace('a@', 'A@'), '{name: b}'),
    });
    const { code, stderr } = await seneschal('validate', folder);
    expect(stderr).toContain('n.yaml:6:10: spec.email: a@acme.example is claimed by a in m.yaml:1 too');
    expect(code).toBe(6);
  });

  test('as JSON: the problems with their places', async () => {
    const folder = folderWith({ 'o.yaml': organization, 'm.yaml': member(`${good}  role: Boss\n`) });
    const { code, stdout } = await seneschal('validate', folder, '-o', 'json');
    expect(code).toBe(6);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      valid: false,
      problems: [{ file: 'm.yaml', line: 7, column: 9, path: 'spec.role' }],
    });
  });

  test('no Organization at all', async () => {
    const { code, stderr } = await seneschal('validate', folderWith({ 'm.yaml': member(good) }));
    expect(stderr).toContain('has no Organization');
    expect(code).toBe(6);
  });
});

describe('usage errors exit 64', () => {
  test.each([
    ['an unknown command', ['aply'], 'unknown command'],
    ['an unknown option', ['validate', '.', '--fast'], 'unknown option'],
    ['an option that is missing', ['plan', '.'], '--credentials'],
    [
      'a digest that is none',
      ['approve', 'abc', '--as', 'a@x.example', '--password-file', 'f', '--reason', 'r'],
      'no digest',
    ],
    [
      'a vault that is not named',
      ['thaw', '--as', 'a@x.example', '--password-file', 'f'],
      'The vault is not named',
    ],
  ])('%s', async (_, args, message) => {
    const { code, stderr } = await seneschal(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(64);
  });

  test('several Organizations and none chosen', async () => {
    const other = organization.replace('name: acme', 'name: umbrella');
    const folder = folderWith({ 'a.yaml': organization, 'b.yaml': other });
    const { code, stderr } = await seneschal('plan', folder, ...vault.options);
    expect(stderr).toContain('several Organizations: acme, umbrella');
    expect(code).toBe(64);
    expect((await seneschal('validate', folder)).code).toBe(0);
    expect((await seneschal('plan', folder, ...vault.options, '--organization', 'umbrella')).code).toBe(2);
  });

  test('a file that is no plan', async () => {
    const file = join(folderWith({}), 'plan.json');
    writeFileSync(file, '{"schemaVersion": 99}');
    const { code, stderr } = await seneschal('apply', copyOfExample(), ...vault.options, '--plan', file);
    expect(stderr).toContain('is no plan of schemaVersion 1');
    expect(code).toBe(64);
  });
});

describe('errors exit 1 and say the next step', () => {
  /** The vault's own credentials but for some files. */
  const changed = (files: Readonly<Record<string, string>>): string[] => [
    '--credentials',
    folderWith({ ...filesIn(vault.credentialsDir), ...files }),
  ];
  const plan = (options: readonly string[]) => seneschal('plan', copyOfExample(), ...options);

  test('a vault that does not answer', async () => {
    const { code, stderr } = await plan(changed({ url: 'http://localhost:1' }));
    expect(stderr).toMatch(/does not answer.* \(ECONNREFUSED\)/);
    expect(stderr).toMatch(/next: .*--connect-to/);
    expect(code).toBe(1);
  });

  test('a vault id that the server does not have', async () => {
    const { code } = await plan(changed({ 'vault-id': 'vault_0000000000000000' }));
    expect(code).toBe(1);
  });

  test('a folder without credentials', async () => {
    const { code, stderr } = await plan([...vault.options, '--credentials', folderWith({})]);
    expect(stderr).toContain('has no automation-id');
    expect(code).toBe(1);
  });

  test('a private key that is none, whose text is not shown', async () => {
    const { code, stderr } = await plan(changed({ 'private.pem': 'swordfish' }));
    expect(stderr).toContain('is no private key');
    expect(stderr).not.toContain('swordfish');
    expect(code).toBe(1);
  });

  test('a plain connection to another machine', async () => {
    const { code, stderr } = await plan(changed({ url: 'http://vault.acme.example' }));
    expect(stderr).toContain('https://');
    expect(code).toBe(1);
  });

  test('credentials of before, which do not say where the vault is', async () => {
    const { url: _, ...rest } = filesIn(vault.credentialsDir);
    const { code, stderr } = await plan(['--credentials', folderWith(rest)]);
    expect(stderr).toMatch(/has no url; .*`seneschal vault automation create NAME --credentials FOLDER`/);
    expect(code).toBe(1);
  });

  test('an authority that is no certificate', async () => {
    const { code, stderr } = await plan(changed({ 'ca.crt': 'none' }));
    expect(stderr).toContain('ca.crt in ');
    expect(code).toBe(1);
  });
});

describe('credentials of another vault than the folder names exit 6, and nothing is sent', () => {
  const naming = (line: string) =>
    folderWith({ 'o.yaml': organization.replace('seneschal:', `seneschal:\n      ${line}`) });

  test.each([['url: https://relay.example'], ['vaultId: vault_0000000000000000']])('%s', async (line) => {
    for (const command of ['plan', 'apply']) {
      const { code, stderr } = await seneschal(command, naming(line), ...vault.options);
      expect(stderr).toContain(line.replace(': ', ' '));
      expect(stderr).toContain('nothing was sent');
      expect(code).toBe(6);
    }
  });

  test('and the same vault in another spelling is planned for', async () => {
    const folder = naming(`url: ${vault.url}\n      vaultId: ${vault.vaultId}`);
    expect((await seneschal('plan', folder, ...vault.options)).code).toBe(2);
  });
});

test('a symbolic link exits 7: the source is not trusted', async () => {
  const { symlinkSync } = await import('node:fs');
  const folder = folderWith({ 'o.yaml': organization });
  symlinkSync('/etc/hostname', join(folder, 'link.yaml'));
  const { code, stderr } = await seneschal('validate', folder);
  expect(stderr).toContain('link.yaml:1:1: is a symbolic link');
  expect(code).toBe(7);
});
