import { beforeAll, describe, expect, inject, test } from 'vitest';
import { KINDS } from '#api/v1alpha1/kinds.ts';
import type { KubeClient } from '#kube/kube.ts';
import { clientFor, createNamespace } from '#test/control-plane/access.ts';
import { BAD_OBJECTS, BAD_SHAPES } from '#test/unit/api/bad-objects.ts';
import { FULL_SPECS } from '#test/unit/api/full-specs.ts';
import { apply, create, installCrds, manifestsOf, messageOf, objectOf, whoAmI } from './cluster.ts';

let admin: KubeClient;
let namespace: string;
let specs: typeof FULL_SPECS;

beforeAll(async () => {
  admin = await clientFor(inject('adminKubeconfig'));
  await installCrds(admin);
  namespace = await createNamespace(admin, 'api');
  // Another test may have installed the policy that proves approvers.
  const { groups: _, ...approval } = FULL_SPECS.PlanApproval;
  specs = { ...FULL_SPECS, PlanApproval: { ...approval, approver: await whoAmI(admin) } };
  return async () => {
    await admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
    await admin.close();
  };
});

describe('the API server', () => {
  test('takes every object of the example', async () => {
    const examples = await manifestsOf('examples/acme');
    expect(examples).toHaveLength(15);
    for (const example of examples) {
      const metadata = { ...example.metadata, namespace };
      const response = await create(admin, { ...example, metadata }, true);
      expect(response.status, messageOf(response)).toBe(201);
    }
  });

  test.each(KINDS)('takes a %s with every field', async (kind) => {
    const response = await create(admin, objectOf(kind, namespace, specs[kind], 'full'));
    expect(response.status, messageOf(response)).toBe(201);
    expect((response.body as { status?: unknown }).status).toEqual({ observedGeneration: -1 });
  });

  test.each(BAD_OBJECTS)('refuses $name', async ({ kind, spec, message }) => {
    const response = await create(admin, objectOf(kind, namespace, spec), true);
    expect(response.status).toBe(422);
    expect(messageOf(response)).toContain(message);
  });

  test.each(BAD_SHAPES)('refuses $name', async ({ kind, spec }) => {
    const response = await create(admin, objectOf(kind, namespace, spec), true);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
  });

  test('asks for spec.name where metadata.name is too long for the vault', async () => {
    const { name: _, ...spec } = FULL_SPECS.Project;
    const response = await create(admin, objectOf('Project', namespace, spec, 'a'.repeat(129)), true);
    expect(messageOf(response)).toContain('give spec.name');
  });
});

describe('a list that is emptied by server-side apply', () => {
  const applied = async (kind: 'Member' | 'PermissionTemplate', spec: object) => {
    const response = await apply(admin, objectOf(kind, namespace, spec, 'emptied'));
    expect(response.status, messageOf(response)).toBeLessThan(300);
    return (response.body as { spec: Record<string, unknown> }).spec;
  };
  const organizationRef = { name: 'acme' };
  const scoped = { projects: ['payments'] };
  const none = { projects: [] };

  test('leaves a scope of no project, not the absent scope that is wider (T1, T3)', async () => {
    const member = { organizationRef, email: 'dave@acme.example' };
    await applied('Member', { ...member, projectScope: scoped });
    expect((await applied('Member', { ...member, projectScope: none })).projectScope).toEqual(none);

    const template = { organizationRef, capabilities: { Machines: ['View'] } };
    await applied('PermissionTemplate', { ...template, projectScope: scoped });
    expect((await applied('PermissionTemplate', { ...template, projectScope: none })).projectScope).toEqual(
      none,
    );
  });

  test('leaves a category without cells, and a template without categories', async () => {
    for (const capabilities of [{ Machines: ['View'], Trash: ['View'] }, { Machines: [] }, {}]) {
      const spec = await applied('PermissionTemplate', { organizationRef, capabilities });
      expect(spec.capabilities).toEqual(capabilities);
    }
  });

  test('leaves no grants', async () => {
    const member = { organizationRef, email: 'dave@acme.example' };
    await applied('Member', { ...member, grants: [{ project: 'payments', access: 'Read' }] });
    expect((await applied('Member', { ...member, grants: [] })).grants ?? []).toEqual([]);
  });
});

describe('after creation', () => {
  test.each([
    ['the e-mail of a Member', 'Member', { email: 'carol@acme.example' }, 'email cannot change'],
    ['organizationRef', 'Project', { organizationRef: { name: 'other' } }, 'organizationRef cannot change'],
    ['machineName', 'MachineBinding', { machineName: 'other' }, 'machineName cannot change'],
    ['key.secretName', 'MachineBinding', { key: { secretName: 'other' } }, 'key.secretName cannot change'],
    ['a PlanApproval', 'PlanApproval', { reason: 'other' }, 'an approval cannot change'],
  ] as const)('%s does not change', async (_, kind, change, message) => {
    const name = `fixed-${kind.toLowerCase()}`;
    const first = await apply(admin, objectOf(kind, namespace, specs[kind], name));
    expect(first.status, messageOf(first)).toBeLessThan(300);
    const second = await apply(admin, objectOf(kind, namespace, { ...specs[kind], ...change }, name));
    expect(second.status).toBe(422);
    expect(messageOf(second)).toContain(message);
  });

  test('the e-mail of a Member may change its case', async () => {
    await apply(admin, objectOf('Member', namespace, FULL_SPECS.Member, 'case'));
    const spec = { ...FULL_SPECS.Member, email: 'bob@ACME.example' };
    expect((await apply(admin, objectOf('Member', namespace, spec, 'case'))).status).toBe(200);
  });

  test('two writers keep their conditions apart in one status', async () => {
    const binding = objectOf('MachineBinding', namespace, FULL_SPECS.MachineBinding, 'shared');
    await apply(admin, binding);
    const condition = (type: string) => ({
      type,
      status: 'True',
      reason: 'Succeeded',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    });
    const base = `/apis/seneschal.dev/v1alpha1/namespaces/${namespace}/machinebindings/shared/status`;
    const write = (manager: string, status: object) =>
      admin.request({
        method: 'PATCH',
        path: `${base}?fieldManager=${manager}&force=true&fieldValidation=Strict`,
        body: { ...binding, spec: undefined, status },
        contentType: 'application/apply-patch+yaml',
      });
    await write('organization', { machineId: 'm1', conditions: [condition('Registered')] });
    const both = await write('binding', { observedGeneration: 1, conditions: [condition('KeyIssued')] });
    expect(both.status, messageOf(both)).toBe(200);
    expect((both.body as { status: unknown }).status).toMatchObject({
      observedGeneration: 1,
      machineId: 'm1',
      conditions: [{ type: 'Registered' }, { type: 'KeyIssued' }],
    });
  });
});
