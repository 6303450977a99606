/** The real vault server in a process of its own, with an organization that no plan caps. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ManagedRecord } from '#model/record.ts';
import type { StepAction } from '#model/step.ts';
import type { Fence } from '#protocol/management.ts';
import type { Provider } from '#provider/provider.ts';
import { credentialsOfFolder } from '#provider/seneschal/automation-credentials.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import { freePorts, type Processes } from '#test/control-plane/processes.ts';

/** For profiles, as `SENESCHAL_BENCH_FLAGS` is for the operator. */
const VAULT_FLAGS = (process.env.SENESCHAL_BENCH_VAULT_FLAGS ?? '').split(' ').filter((flag) => flag !== '');

const OWNER = 'owner@acme.example';

export interface VaultProcess {
  readonly url: string;
  readonly vaultId: string;
  readonly credentialsDir: string;
  readonly ownerEmail: string;
  readonly passwordFile: string;
  readonly pid: number;
  /** A connection of its own; close it. */
  connect(): Promise<Provider>;
}

/** What lies in the database before anybody serves it. */
export interface MadeVault {
  readonly database: string;
  readonly rootKey: string;
  readonly vaultId: string;
}

/**
 * Makes the database by `vault init`, with room for large organizations, and serves it by `vault dev`, on loopback and
 * without TLS, as the figures always were; in between `fill` may put something into it. `flags` are Node's.
 */
export async function startVault(
  program: string,
  processes: Processes,
  folder: string,
  {
    fill = async () => {},
    flags = [],
  }: { readonly fill?: (made: MadeVault) => Promise<void>; readonly flags?: readonly string[] } = {},
): Promise<VaultProcess> {
  const data = join(folder, 'vault');
  await mkdir(data, { mode: 0o700 });
  const [port] = (await freePorts(1)) as [number];
  const config = join(data, 'vault.json');
  const passwordFile = join(data, 'password');
  const credentialsDir = join(data, 'credentials');
  await writeFile(
    config,
    JSON.stringify({
      listen: { port },
      publicUrl: 'https://vault.test',
      database: 'vault.db',
      rootKey: { file: 'root.key' },
      log: { level: 'warn' },
    }),
  );
  await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[program, 'vault', 'init', '--unbounded', '--abilities', 'all', '--config', config, '--owner', OWNER],
    ...['--password-file', passwordFile, '--organization', 'Acme', '--tier', 'Business'],
    ...['--credentials', credentialsDir],
  ]);
  const { vaultId } = JSON.parse(stdout) as { vaultId: string };
  await fill({ database: join(data, 'vault.db'), rootKey: join(data, 'root.key'), vaultId });
  const url = `http://localhost:${port}`;
  const described = {
    vaultId,
    organization: 'Acme',
    credentialsDir,
    owner: { email: OWNER, passwordFile },
    people: [],
  };
  await writeFile(join(data, 'dev.json'), JSON.stringify(described), { mode: 0o600 });
  processes.start('vault', process.execPath, [
    ...VAULT_FLAGS,
    ...flags,
    ...[program, 'vault', 'dev', '--dir', data, '--port', String(port)],
  ]);
  await processes.until('vault', async () => {
    const response = await fetch(`${url}/api/v1/openapi.json`).catch(() => undefined);
    await response?.body?.cancel();
    return response?.ok === true;
  });
  const pid = processes.pid('vault');
  if (pid === undefined) throw new Error('the vault has no process');
  return {
    url,
    vaultId,
    credentialsDir,
    ownerEmail: OWNER,
    passwordFile,
    pid,
    connect: async () => connect(await credentialsOfFolder(credentialsDir)),
  };
}

/** Runs steps straight at the vault; throws where one is not done. */
export async function runSteps(
  provider: Provider,
  fence: Fence,
  steps: readonly {
    readonly action: StepAction;
    readonly publicKey?: string;
    readonly record?: ManagedRecord;
  }[],
): Promise<void> {
  const requests = steps.map((step) => ({
    ...step,
    idempotencyKey: randomBytes(32).toString('hex'),
    provenance: {},
  }));
  const answers = await provider.execute(fence, requests, AbortSignal.timeout(600_000));
  const refused = answers.find(({ status }) => status !== 'Done');
  if (refused !== undefined) throw new Error(`a step was not done: ${JSON.stringify(refused)}`);
}
