import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import type { MachineClient } from '#test/fakes/machine-client.ts';

/** Bodies are compared as a whole: a key more or less breaks the clients that decode strictly. */
describe('each call of the machine plane', () => {
  let vault: TestVault;
  let client: MachineClient;
  let stranger: MachineClient;
  let ids: Record<string, string>;
  let projects: Record<string, string>;

  beforeAll(async () => {
    vault = await startTestVault();
    ids = await setValues(vault, {
      'payments/db-password': 'p1',
      'payments/api': { user: 'u1', key: 'k1' },
      'payments/not-granted': 'n1',
      'web/cookie': 'c1',
      'other/hidden': 'h1',
    });
    const rows = await vault.context.reader.selectFrom('projects').select(['id', 'name']).execute();
    projects = Object.fromEntries(rows.map(({ id, name }) => [name, id]));
    const access = [
      { project: 'payments', secrets: ['api', 'db-password'] },
      { project: 'web', secrets: ['cookie'] },
    ];
    ({ client } = await newMachine(vault, 'api-server', access));
    ({ client: stranger } = await newMachine(vault, 'stranger'));
  });
  afterAll(() => vault[Symbol.asyncDispose]());

  const listed = (name: string, project: string, fieldNames: string | null = null) => ({
    id: ids[`${project}/${name}`],
    name,
    fieldNames,
    projectId: projects[project],
  });

  it('GET /v1/secret/{id} gives the value, of a structured secret the text of a JSON object', async () => {
    expect(await client.send('GET', `/v1/secret/${ids['payments/db-password']}`)).toEqual({
      status: 200,
      body: { value: 'p1' },
    });
    expect(await client.send('GET', `/v1/secret/${ids['payments/api']}`)).toEqual({
      status: 200,
      body: { value: '{"user":"u1","key":"k1"}' },
    });
  });

  it('GET /v1/secret/{id} takes the id as it is, and in no other spelling (V7)', async () => {
    const id = ids['web/cookie'] ?? '';
    expect(await client.send('GET', `/v1/secret/${id}`)).toEqual({ status: 200, body: { value: 'c1' } });
    expect((await client.send('GET', `/v1/secret/${id.replace('_', '%5F')}`)).status).toBe(400);
  });

  it('GET /v1/secrets lists what was granted one by one, and nothing else (H2)', async () => {
    expect(await client.send('GET', '/v1/secrets')).toEqual({
      status: 200,
      body: {
        secrets: [
          listed('api', 'payments', 'user,key'),
          listed('db-password', 'payments'),
          listed('cookie', 'web'),
        ],
      },
    });
    expect(await stranger.send('GET', '/v1/secrets')).toEqual({ status: 200, body: { secrets: [] } });
  });

  it('POST /v1/secrets/list lists one project', async () => {
    const body = JSON.stringify({ projectId: projects.web });
    expect(await client.send('POST', '/v1/secrets/list', body)).toEqual({
      status: 200,
      body: { secrets: [listed('cookie', 'web')] },
    });
  });

  it('POST /v1/secrets/export gives all values without a body, or those of one project', async () => {
    const exported = (name: string, project: string, value: string, fieldNames: string | null = null) => ({
      id: ids[`${project}/${name}`],
      name,
      value,
      fieldNames,
    });
    const all = [
      exported('api', 'payments', '{"user":"u1","key":"k1"}', 'user,key'),
      exported('db-password', 'payments', 'p1'),
      exported('cookie', 'web', 'c1'),
    ];
    expect(await client.send('POST', '/v1/secrets/export')).toEqual({ status: 200, body: { secrets: all } });
    expect(await client.send('POST', '/v1/secrets/export', '{}')).toEqual({
      status: 200,
      body: { secrets: all },
    });
    // One client writes its JSON with a space; the hash is of the bytes.
    expect(await client.send('POST', '/v1/secrets/export', `{"projectId": "${projects.payments}"}`)).toEqual({
      status: 200,
      body: { secrets: all.slice(0, 2) },
    });
    expect(await stranger.send('POST', '/v1/secrets/export')).toEqual({
      status: 200,
      body: { secrets: [] },
    });
  });

  it('GET /v1/cli/projects lists the projects, with empty texts in place of an application', async () => {
    const project = (name: string) => ({
      projectId: projects[name],
      projectName: name,
      applicationId: '',
      applicationName: '',
    });
    expect(await client.send('GET', '/v1/cli/projects')).toEqual({
      status: 200,
      body: { projects: [project('payments'), project('web')] },
    });
  });

  it('GET /v1/cli/secrets says the type of each', async () => {
    const secret = (name: string, project: string, fieldNames: string | null) => ({
      ...listed(name, project, fieldNames),
      projectName: project,
      applicationId: '',
      applicationName: '',
      type: fieldNames === null ? 'secret' : 'structured',
    });
    expect(await client.send('GET', '/v1/cli/secrets')).toEqual({
      status: 200,
      body: {
        secrets: [
          secret('api', 'payments', 'user,key'),
          secret('db-password', 'payments', null),
          secret('cookie', 'web', null),
        ],
      },
    });
  });

  it('POST /v1/verify-access answers for a project outside as well', async () => {
    const verify = (projectId: string | undefined) =>
      client.send('POST', '/v1/verify-access', JSON.stringify({ projectId }));
    expect(await verify(projects.web)).toEqual({
      status: 200,
      body: { valid: true, projectName: 'web', error: null },
    });
    const outside = {
      status: 200,
      body: { valid: false, projectName: null, error: 'the machine is not in the project' },
    };
    expect(await verify(projects.other)).toEqual(outside);
    expect(await verify('proj_0000000000')).toEqual(outside);
  });

  it.each([
    ['a secret of a project it is in, not granted', 'GET', 'payments/not-granted', 403],
    ['a secret of a project it is not in', 'GET', 'other/hidden', 403],
    ['a secret that is not there', 'GET', 'sk_0000000000', 404],
    ['an id that is none', 'GET', 'a%20b', 404],
  ] as const)('refuses %s', async (_what, method, secret, status) => {
    const answer = await client.send(method, `/v1/secret/${ids[secret] ?? secret}`);
    expect(answer).toEqual({ status, body: { error: expect.any(String) } });
  });

  it.each([
    ['a project that it is not in', '/v1/secrets/list', () => ({ projectId: projects.other }), 403],
    ['a project that is not there', '/v1/secrets/list', () => ({ projectId: 'proj_0000000000' }), 404],
    ['an export of a project outside', '/v1/secrets/export', () => ({ projectId: projects.other }), 403],
    ['an export by application', '/v1/secrets/export', () => ({ applicationId: 'app_1' }), 404],
    ['a list without a project', '/v1/secrets/list', () => ({}), 400],
    ['a project that is no text', '/v1/verify-access', () => ({ projectId: 7 }), 400],
    ['a poll of nothing', '/v1/secrets/poll', () => ({}), 400],
    ['a call that is not there', '/v1/secrets/purge', () => ({}), 404],
  ] as const)('refuses %s', async (_what, target, body, status) => {
    const answer = await client.send('POST', target, JSON.stringify(body()));
    expect(answer).toEqual({ status, body: { error: expect.any(String) } });
  });

  it('refuses a query string on a signed route', async () => {
    expect(await client.send('GET', '/v1/secrets?all=1')).toEqual({
      status: 400,
      body: { error: expect.any(String) },
    });
  });

  it('refuses a body that is too large', async () => {
    const answer = await client.send('POST', '/v1/secrets/export', `{"x":"${'x'.repeat(70_000)}"}`);
    expect(answer).toEqual({ status: 413, body: { error: expect.any(String) } });
  });
});
