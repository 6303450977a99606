import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { PLAN_APPROVALS } from '#controllers/resources.ts';
import type { KubeClient } from '#kube/kube.ts';
import { folderWith, seneschal } from '#test/builders/command-line.ts';
import { clientFor, createNamespace, grantInNamespace } from '#test/control-plane/access.ts';
import { FULL_SPECS } from '#test/unit/api/full-specs.ts';
import { create, installChart, installCrds, messageOf, objectOf } from './cluster.ts';

const ALICE = 'alice@acme.example';
const DIGEST = 'ab'.repeat(32);

let admin: KubeClient;
let namespace: string;

beforeAll(async () => {
  admin = await clientFor(inject('adminKubeconfig'));
  await installCrds(admin);
  namespace = await createNamespace(admin, 'approving');
  await installChart(admin, namespace);
  await grantInNamespace(admin, namespace, 'approve', { kind: 'User', name: ALICE }, [
    { apiGroups: ['seneschal.dev'], resources: ['planapprovals'], verbs: ['create'] },
    { apiGroups: ['seneschal.dev'], resources: ['organizations'], verbs: ['list'] },
  ]);
  const made = await create(admin, objectOf('Organization', namespace, FULL_SPECS.Organization, 'acme'));
  expect(made.status, messageOf(made)).toBe(201);
  const forged = { ...FULL_SPECS.PlanApproval, groups: undefined, approver: 'nobody' };
  // The API server takes a policy up some moments after it was made.
  await vi.waitFor(
    async () =>
      expect((await create(admin, objectOf('PlanApproval', namespace, forged), true)).status).toBe(403),
    { timeout: 30_000, interval: 200 },
  );
  return async () => {
    await admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
    await admin.close();
  };
});

const approve = (kubeconfig: string, ...more: string[]) =>
  seneschal('approve', DIGEST, '--reason', 'reviewed', '--kubeconfig', kubeconfig, ...more);
const approvals = async () => (await admin.list(PLAN_APPROVALS, { namespace })).items.map(({ spec }) => spec);

/** Somebody is proven only where the test can log in as a person. */
const people = Object.keys(inject('personKubeconfigs')).length > 0;

describe.runIf(people)('`seneschal approve --kubeconfig`', () => {
  const alice = () => inject('personKubeconfigs')[ALICE] ?? '';

  test('creates a PlanApproval as whoever the API server says they are, for the only Organization', async () => {
    const { code, stdout, stderr } = await approve(alice(), '--namespace', namespace);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`${ALICE} approved ${DIGEST} for 24 hours: PlanApproval ${namespace}/approve-`);
    expect(await approvals()).toMatchObject([
      {
        organizationRef: { name: 'acme' },
        digest: DIGEST,
        approver: ALICE,
        groups: expect.arrayContaining(['acme:platform']),
        reason: 'reviewed',
      },
    ]);
  });

  test('cannot tell who impersonates them: the API server does not say', async () => {
    const config = parse(readFileSync(inject('adminKubeconfig'), 'utf8'));
    for (const { user } of config.users) user.as = ALICE;
    const file = join(folderWith({}), 'kubeconfig');
    writeFileSync(file, stringify(config), { mode: 0o600 });
    const { code, stdout } = await approve(file, '--namespace', namespace);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`${ALICE} approved`)]);
  });

  test('names the Organizations that there are where it is told another', async () => {
    const { code, stderr } = await approve(alice(), '--namespace', namespace, '--organization', 'other');
    expect(code).toBe(64);
    expect(stderr).toContain(`Namespace ${namespace} has these Organizations: acme.`);
  });

  test('says in the words of the API server why it took none', async () => {
    const { code, stderr } = await approve(alice(), '--namespace', 'default', '--organization', 'acme');
    expect(code).toBe(1);
    expect(stderr).toContain('cannot create resource "planapprovals"');
    expect(stderr).toContain('approve in the vault');
  });
});

test('takes nothing that leads to a vault beside --kubeconfig', async () => {
  const { code, stderr } = await approve(inject('adminKubeconfig'), '--url', 'http://localhost:1');
  expect(code).toBe(64);
  expect(stderr).toContain('--kubeconfig makes a PlanApproval in the cluster, and --url is of a vault.');
});
