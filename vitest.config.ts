import { defineConfig } from 'vitest/config';
import { postgresBinaries } from './test/postgres/binaries.ts';

/** Integration tests that need no API server: the vault and what speaks to it. */
const WITHOUT_CLUSTER = [
  'vault',
  'vault-clients',
  'vault-server',
  'engine',
  'provider',
  'cli',
  'runtime',
].map((folder) => `test/integration/${folder}/**/*.test.ts`);

/**
 * The rules, which run on both databases (V6). They take as long again, so that they do with CI set, as `.ci/run`
 * sets it; else PostgreSQL has the tests of its own store and of two replicas.
 */
const ON_BOTH_DATABASES = process.env.CI === undefined ? [] : ['vault'];

/** Requests and answers of every vault are held against the OpenAPI document. */
const CONFORMANCE = ['test/conformance/setup.ts'];

/** The bundle, for the tests that start the program. */
const PROGRAM = 'test/program/global-setup.ts';

const hasPostgres = postgresBinaries() !== null;
if (!hasPostgres) {
  process.stderr.write(
    'SKIPPED: the tests on PostgreSQL, which is not installed (15 or later; on Debian `apt-get install postgresql`, ' +
      'elsewhere name the folder of initdb in SENESCHAL_TEST_POSTGRES_BIN).\n',
  );
}

/**
 * Projects, so that the control plane is started only when a test that needs it is in the run
 * (a project's globalSetup runs if one of its files does).
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/counts-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A worker loads the modules once for all its files: that is a second of each file. Nothing below src/ is state of
    // a module, and a test that changes its process changes it back.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'vault',
          include: WITHOUT_CLUSTER,
          setupFiles: CONFORMANCE,
          globalSetup: [PROGRAM],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      ...(hasPostgres
        ? [
            {
              extends: true as const,
              test: {
                name: 'vault-postgres',
                include: [...ON_BOTH_DATABASES, 'vault-postgres'].map(
                  (folder) => `test/integration/${folder}/**/*.test.ts`,
                ),
                // Of the copies of a file; PostgreSQL is backed up by its own tools.
                exclude: ['test/integration/vault/upkeep/upkeep.test.ts'],
                setupFiles: CONFORMANCE,
                globalSetup: [PROGRAM, 'test/postgres/global-setup.ts'],
                env: { SENESCHAL_TEST_DATABASE: 'postgres' },
                testTimeout: 60_000,
                hookTimeout: 60_000,
              },
            },
          ]
        : []),
      {
        extends: true,
        test: {
          name: 'cluster',
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          exclude: [...WITHOUT_CLUSTER, 'test/integration/vault-postgres/**'],
          setupFiles: CONFORMANCE,
          globalSetup: [PROGRAM, 'test/control-plane/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      // Random histories are a set of their own: `npm run models`.
      {
        extends: true,
        test: { name: 'models', include: ['test/models/**/*.test.ts'], testTimeout: 60_000 },
      },
      // Attacks are a set of their own: `npm run attack`.
      {
        extends: true,
        test: {
          name: 'attack',
          include: ['test/attack/*.test.ts'],
          setupFiles: CONFORMANCE,
          globalSetup: [PROGRAM],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'attack-cluster',
          include: ['test/attack/cluster/*.test.ts'],
          setupFiles: CONFORMANCE,
          globalSetup: [PROGRAM, 'test/control-plane/global-setup.ts'],
          testTimeout: 60_000,
        },
      },
    ],
  },
});
