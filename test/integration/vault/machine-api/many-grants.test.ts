import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { clientOf, newMachine } from '#test/builders/machine.ts';
import { record, send, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { createProject } from '#vault/projects/projects.ts';
import { owner, type Person } from '../world/people.ts';

/** More than SQLite takes parameters of one statement, 32,766. */
const PROJECTS = 33;
const SECRETS = 1000;

describe('a machine with as many secrets as one request may name: 1,000 in each project', () => {
  let vault: TestVault;
  let boss: Person;
  let home: string;
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
  const access = numbers(PROJECTS).map((project) => ({
    project: `p${String(project).padStart(2, '0')}`,
    secrets: numbers(SECRETS).map((secret) => `s${String(secret).padStart(3, '0')}`),
  }));
  beforeEach(async () => {
    vault = await startTestVault();
    home = `/vaults/${vault.vaultId}`;
    boss = await owner(vault);
    await vault.context.act(vault.vaultId, vault.owner, async (act) => {
      for (const { project, secrets } of access) {
        const project_id = await createProject(act, project, '');
        const fields = {
          vault_id: vault.vaultId,
          project_id,
          current_version: 1,
          revision: 1,
          version_revision: 1,
          version_at: 0,
          created_at: 0,
          deleted_with_project: 0 as const,
        };
        const rows = secrets.map((name) => ({ ...fields, id: `sk_${project}${name}`, name }));
        await act.db.insertInto('secrets').values(rows).execute();
        await act.audit({ action: 'project.created', subject: { kind: 'Project', key: project } });
      }
    });
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const granted = async () => {
    const { count } = await vault.context.reader
      .selectFrom('machine_secrets')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  };

  it('is made by a person, and asks for all of them', async () => {
    const keys = newKeyPair();
    const body = { name: 'big', access, publicKey: keys.publicKey.text };
    const made = await boss.ask<{ machineId: string }>('POST', `${home}/machines`, body);
    expect([made.status, await granted()]).toEqual([201, PROJECTS * SECRETS]);
    const client = clientOf(vault, { id: made.body.machineId, name: 'big' }, keys);
    expect((await client.send('POST', '/v1/secrets/export')).status).toBe(200);
  });

  it('is given them by a person, and by a step', async () => {
    await newMachine(vault, 'one');
    expect((await boss.ask('PUT', `${home}/machines/one/access`, { access })).status).toBe(204);
    expect(await granted()).toBe(PROJECTS * SECRETS);
    await newMachine(vault, 'two');
    const step = {
      kind: 'SetMachineAccess',
      key: 'two',
      before: { access: [] },
      after: { access },
    } as const;
    expect(await vault.step(step, { record: record('MachineBinding', 'two') })).toBe('Done');
    expect(await granted()).toBe(2 * PROJECTS * SECRETS);
  });

  it('enrols by a token with them', async () => {
    const token = await boss.ask<{ token: string }>('POST', `${home}/enrollment-tokens`, {
      name: 'runners',
      access,
      lifeSeconds: 3600,
      machineLifeSeconds: 3600,
      maxUses: 1,
    });
    expect(token.status).toBe(201);
    const { status } = await send(
      vault.server.port,
      'POST',
      `/v1/${vault.vaultId}/enroll/register`,
      JSON.stringify({
        token: token.body.token,
        publicKey: newKeyPair().publicKey.text,
        hostname: 'runner',
      }),
      { 'content-type': 'application/json' },
    );
    expect([status, await granted()]).toEqual([200, PROJECTS * SECRETS]);
  });
});
