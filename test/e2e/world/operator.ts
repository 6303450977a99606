/** The operator inside the test's process, with its requests noted. */
import { onTestFinished } from 'vitest';
import { type OperatorOptions, runOperator } from '#controllers/operator.ts';
import { loadKubeConfig, type RequestRecord } from '#kube/kube.ts';
import type { Logger } from '#runtime/runtime.ts';
import type { TestCluster } from './cluster.ts';

export interface RunningOperator {
  /** Requests to the API server, watches and the leader's lease left out. */
  readonly kube: RequestRecord[];
  /** Requests to the vault: `GET /snapshot 304`. */
  readonly vault: string[];
  readonly log: string[];
  /** Ends it gracefully. */
  stop(): Promise<void>;
}

const WRITES = new Set(['create', 'apply', 'apply-status', 'patch', 'replace', 'delete']);

/** Those that write something. */
export function writesOf(records: readonly RequestRecord[]): string[] {
  return records
    .filter(({ verb }) => WRITES.has(verb))
    .map(({ verb, resource, name }) => `${verb} ${resource}/${name ?? ''}`);
}

/** Starts it, for the team's namespace where nothing else is said; it is stopped when the test ends. */
export async function startOperator(
  cluster: TestCluster,
  {
    allowInsecureLoopback = true,
    ...options
  }: Partial<
    Pick<
      OperatorOptions,
      'allowInsecureLoopback' | 'allowedMoves' | 'connectTo' | 'keyTimes' | 'watchNamespaces'
    >
  > = {},
): Promise<RunningOperator> {
  const kube: RequestRecord[] = [];
  const vault: string[] = [];
  const log: string[] = [];
  const ending = new AbortController();
  const ended = runOperator(
    {
      config: await loadKubeConfig({ path: cluster.kubeconfig }),
      namespace: cluster.system,
      watchNamespaces: [cluster.namespace],
      healthAddress: { host: '127.0.0.1', port: 0 },
      leaderElect: false,
      allowInsecureLoopback,
      ...options,
      onKubeRequest: (record) => {
        if (record.verb !== 'watch' && record.resource !== 'leases') kube.push(record);
      },
      onVaultRequest: (route, status) => vault.push(`${route} ${status}`),
      log: noteTo(log),
    },
    ending.signal,
  );
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    ending.abort();
    stopped ??= ended.then(() => undefined);
    return stopped;
  };
  onTestFinished(stop);
  return { kube, vault, log, stop };
}

function noteTo(lines: string[]): Logger {
  const note =
    (level: string) =>
    (fields: object, message: string): void => {
      const error = (fields as { err?: unknown }).err;
      lines.push(
        `${level} ${message} ${JSON.stringify(fields)} ${error instanceof Error ? ((error.cause as Error | undefined)?.stack ?? error.stack ?? '') : ''}`,
      );
    };
  const logger: Logger = {
    debug: note('debug'),
    info: note('info'),
    warn: note('warn'),
    error: note('error'),
    child: () => logger,
  };
  return logger;
}
