import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityBundle } from '#identity/bundle.ts';
import { changeMachine, newMachine, setValues } from '#test/builders/machine.ts';
import { ROOT_KEY, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { startVaultServer } from '#vault/app/server.ts';
import { createEnrollmentToken } from '#vault/machines/enrollment-tokens.ts';
import { setMachineAccess } from '#vault/machines/machines.ts';
import { newCertificates } from './certificates.ts';
import { pythonWithClient, runClient } from './python-client.ts';

const python = pythonWithClient();

/** What every client reads here: a plain secret, one of fields, one that it was not granted. */
const VALUES = {
  'payments/db-url': 'postgres://u:p@h/db?x=ü%20"\\',
  'payments/api': { key: 'k-1', 'client id': 'c-2' },
  'payments/hidden': 'not for this machine',
  'reports/token': 't-3',
} as const;
const GRANTED = [
  { project: 'payments', secrets: ['api', 'db-url'] },
  { project: 'reports', secrets: ['token'] },
];

describe.skipIf(python === null)('the public Python client, unmodified', () => {
  describe.each(['http://localhost', 'TLS with the CA of the server'] as const)('over %s', (how) => {
    let vault: TestVault;
    let ids: Record<string, string>;
    let projects: Record<string, string>;
    let url: string;
    let machine: { id: string; home: string };
    const environment: Record<string, string> = {};

    beforeAll(async () => {
      vault = await startTestVault();
      ids = await setValues(vault, VALUES);
      url = vault.url;
      if (how !== 'http://localhost') url = await overTls();
      machine = await installed('reader');
      const rows = await vault.context.reader.selectFrom('projects').select(['id', 'name']).execute();
      projects = Object.fromEntries(rows.map(({ id, name }) => [name, id]));
    });
    afterAll(() => vault[Symbol.asyncDispose]());

    /** The same vault behind TLS; the client is told of the authority by the variable of its runtime. */
    async function overTls(): Promise<string> {
      const { caFile, cert, key } = newCertificates(vault.folder);
      environment.SSL_CERT_FILE = caFile;
      await vault.server.stop();
      const log = { debug() {}, info() {}, warn() {}, error: (fields: object) => vault.faults.push(fields) };
      const listen = { host: '127.0.0.1', port: 0, tls: { cert, key } };
      const { name: database } = vault.database;
      vault.server = await startVaultServer({ database, rootKey: ROOT_KEY, log, ...listen });
      return `https://localhost:${vault.server.port}`;
    }

    /** A machine with its identity where the client looks for it by itself. */
    async function installed(name: string): Promise<{ id: string; home: string }> {
      const { id, keys } = await newMachine(vault, name, GRANTED);
      const home = join(vault.folder, `home-${name}`);
      const folder = join(home, 'vaults', vault.vaultId);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const facts = { machineId: id, machineName: name, vaultId: vault.vaultId, apiUrl: url };
      const bundle = identityBundle({ ...facts, mountPath: folder, caCertificate: null }, keys);
      for (const [file, content] of Object.entries(bundle)) {
        writeFileSync(join(folder, file), content, { mode: 0o600 });
      }
      return { id, home };
    }

    const client = (task: object, home = machine.home): Promise<unknown> =>
      runClient(python ?? '', task, { ...environment, SIKKERKEY_HOME: home });

    it('reads values, fields, lists and exports as they are in the vault, and tells refusals apart', async () => {
      const { 'payments/db-url': dbUrl = '', 'payments/api': api = '', 'reports/token': token = '' } = ids;
      const { 'payments/hidden': hidden = '' } = ids;
      const { payments = '', reports = '', Main = '' } = projects;
      const result = await client({
        do: 'reads',
        secrets: [dbUrl, token, hidden, 'sk_doesnotexi'],
        fields: [api, dbUrl],
        projects: [payments, Main, 'proj_nowhere00'],
      });
      const rows = {
        payments: [
          [api, 'api', 'key,client id', payments],
          [dbUrl, 'db-url', null, payments],
        ],
        reports: [[token, 'token', null, reports]],
      };
      const values = { API_KEY: 'k-1', API_CLIENT_ID: 'c-2', DB_URL: VALUES['payments/db-url'] };
      expect(result).toEqual({
        machine: [machine.id, 'reader', vault.vaultId, url],
        vaults: [vault.vaultId],
        secrets: {
          [dbUrl]: VALUES['payments/db-url'],
          [token]: 't-3',
          [hidden]: { error: 'AccessDeniedError' },
          sk_doesnotexi: { error: 'NotFoundError' },
        },
        fields: { [api]: VALUES['payments/api'], [dbUrl]: { error: 'SecretStructureError' } },
        field: { error: 'FieldNotFoundError' },
        list: [...rows.payments, ...rows.reports],
        listed: {
          [payments]: rows.payments,
          [Main]: { error: 'AccessDeniedError' },
          proj_nowhere00: { error: 'NotFoundError' },
        },
        export: { ...values, TOKEN: 't-3' },
        exported: {
          [payments]: values,
          [Main]: { error: 'AccessDeniedError' },
          proj_nowhere00: { error: 'NotFoundError' },
        },
      });
    });

    it('is told by its watch of a new value, of a grant that is gone and of a secret that is gone', async () => {
      const secret = ids['reports/token'] ?? '';
      const seen = async (
        name: string,
        change: () => Promise<unknown>,
        watched = secret,
      ): Promise<unknown> => {
        const { home } = await installed(name);
        await client({ do: 'reads', secrets: [secret], fields: [ids['payments/api']], projects: [] }, home);
        await change();
        return client({ do: 'watch', secret: watched }, home);
      };
      expect(await seen('changed', () => setValues(vault, { 'reports/token': 't-4' }))).toEqual([
        { status: 'changed', value: 't-4', fields: null },
      ]);
      const withdraw = () => changeMachine(vault, 'denied', (act, row) => setMachineAccess(act, row, []));
      expect(await seen('denied', withdraw)).toEqual([
        { status: 'access_denied', value: null, fields: null },
      ]);
      expect(await seen('gone', async () => {}, 'sk_doesnotexi')).toEqual([
        { status: 'deleted', value: null, fields: null },
      ]);
    });

    it('enrols in memory by a token and reads at the address that it is told', async () => {
      const { token } = await vault.context.act(vault.vaultId, vault.owner, (act) =>
        createEnrollmentToken(act, {
          name: 'runners',
          access: [{ project: 'payments', secrets: ['db-url'] }],
          life: 3_600_000,
          machineLife: 3_600_000,
          maxUses: 1,
          source: null,
          hostnamePattern: 'runner-?',
        }),
      );
      const task = { do: 'enroll', vault: vault.vaultId, token, secret: ids['payments/db-url'] };
      expect(
        await runClient(python ?? '', task, { ...environment, SIKKERKEY_API_URL: url, HOME: vault.folder }),
      ).toEqual({ name: 'runner-1', url, value: VALUES['payments/db-url'] });
    });

    it('falls back on its cache while the vault is sealed, and not where the vault says no', async () => {
      const task = { do: 'cached', secret: ids['payments/db-url'] };
      const value = VALUES['payments/db-url'];
      expect(await client(task)).toEqual({ value, fallbacks: [] });
      await vault.server.holdRootKeys(null, []);
      expect(await client(task)).toEqual({ value, fallbacks: [task.secret] });
      await vault.server.holdRootKeys(ROOT_KEY, []);
      await changeMachine(vault, 'reader', (act, row) => setMachineAccess(act, row, []));
      expect(await client(task)).toEqual({ value: { error: 'AccessDeniedError' }, fallbacks: [] });
    });
  });
});
