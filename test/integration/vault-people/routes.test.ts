import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestVault, type TestVault } from '../../builders/vault.ts';
import { askNobody, member, type Person } from './people.ts';

type Operations = Record<string, { security?: Record<string, unknown>[]; requestBody?: object }>;
const CHECKED_IN = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../docs/openapi.json'), 'utf8'),
) as {
  paths: Record<string, Operations>;
};

/** Method, path and whether it takes a body, of each route that people come to with a session. */
const ROUTES = Object.entries(CHECKED_IN.paths).flatMap(([path, operations]) =>
  Object.entries(operations)
    .filter(([, { security }]) => security?.some((one) => 'session' in one))
    .map(([method, { requestBody }]) => [method.toUpperCase(), path, requestBody !== undefined] as const),
);

/** What a plain member may do in a vault: see their own entries and what is shown to them, and leave. */
const OPEN_TO_MEMBERS = ['GET /audit', 'GET /secrets', 'POST /leave'];

/** Bodies that are valid, so that nothing but the authorization refuses. */
const BODIES: Readonly<Record<string, object>> = {
  '/approvals': { digest: 'ab'.repeat(32), reason: 'r' },
  '/automations': { name: 'n', abilities: ['values:sync'] },
  '/automations/auto_0000000000000000/keys': {},
  '/enrollment-tokens': {
    name: 'n',
    access: [{ project: 'Main', secrets: [] }],
    lifeSeconds: 60,
    machineLifeSeconds: 60,
    maxUses: 1,
  },
  '/bootstrap-tokens': {},
  '/ip-allowlist': { enabled: false, entries: [] },
  '/machines': { name: 'n' },
  '/machines/s/access': { access: [] },
  '/machines/s/keys': {},
  '/freeze': { reason: 'r' },
  '/invites': { emails: ['x@acme.example'] },
  '/projects/Main/secrets/s': { value: 'v' },
};

describe('the routes of people', () => {
  let vault: TestVault;
  let alice: Person;
  beforeAll(async () => {
    vault = await startTestVault();
    alice = await member(vault, 'alice@acme.example');
  });
  afterAll(() => vault[Symbol.asyncDispose]());

  it('are in the document that is checked in, as the server serves it (V2)', async () => {
    const { status, body } = await askNobody(vault, 'GET', '/openapi.json');
    expect(status).toBe(200);
    expect(body, 'run node scripts/openapi.ts').toEqual(CHECKED_IN);
    expect(ROUTES.length).toBeGreaterThan(15);
  });

  const filled = (path: string): string =>
    path
      .replace('/api/v1', '')
      .replace('{vaultId}', vault.vaultId)
      .replace('{email}', 'owner@acme.example')
      .replace('{project}', 'Main')
      .replace('{name}', 's')
      .replace('{automationId}', 'auto_0000000000000000')
      .replace('{fingerprint}', 'ab'.repeat(32))
      .replace('{inviteId}', 'inv_0000000000000000');
  const bodyOf = (path: string, hasBody: boolean): object | undefined =>
    hasBody
      ? (BODIES[path.replace(/^\/vaults\/[^/]+/, '')] ?? { displayName: 'n', plan: 'Free' })
      : undefined;

  it.each(ROUTES.filter(([, path]) => !path.includes('sessions')))(
    '%s %s without a session is 401 (V3)',
    async (method, path, hasBody) => {
      const target = filled(path);
      const answer = await askNobody(vault, method, target, bodyOf(target, hasBody));
      expect(answer).toMatchObject({ status: 401, body: { code: 'NotSignedIn' } });
    },
  );

  it.each(
    ROUTES.filter(([method, path]) => {
      const below = path.split('{vaultId}')[1];
      return below !== undefined && !OPEN_TO_MEMBERS.includes(`${method} ${below}`);
    }),
  )('%s %s is refused to a plain member (V3)', async (method, path, hasBody) => {
    const target = filled(path);
    const answer = await alice.ask(method, target, bodyOf(target, hasBody));
    expect(answer).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
  });
});
