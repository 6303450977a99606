import { defineConfig } from 'vitest/config';

/** Integration tests that need no API server: the vault and what speaks to it. */
const WITHOUT_CLUSTER = [
  'vault',
  'vault-machine',
  'vault-people',
  'vault-server',
  'engine',
  'provider',
  'cli',
].map((folder) => `test/integration/${folder}/**/*.test.ts`);

/**
 * Three projects, so that the control plane is started only when a test that needs it is in the run
 * (a project's globalSetup runs if one of its files does).
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/counts-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
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
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          exclude: WITHOUT_CLUSTER,
          globalSetup: ['test/control-plane/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
