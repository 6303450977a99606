/** `seneschal operator`: flags to options, and the exit code. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { AllowedMove } from '#controllers/organization/vault-moves.ts';
import type { ConnectTo } from '#provider/seneschal/vault-agent.ts';
import { keepHeapSmall } from '#runtime/heap.ts';
import { connectToOption } from '../terminal/connect-to.ts';
import { addExample, withHelp } from '../terminal/help.ts';
import { allowMoveOption } from './allow-move.ts';

/** The lease was lost: another process leads; a supervisor starts this one again. */
const LEASE_LOST = 1;

interface Flags {
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly watchNamespaces?: readonly string[];
  readonly healthAddress: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly leaderElect: boolean;
  readonly connectTo?: ConnectTo;
  readonly allowInsecureLoopback: boolean;
  readonly allowMove: readonly AllowedMove[];
  readonly allowMetadata: readonly string[];
}

export function operatorCommand(): Command {
  return addExample(withHelp(new Command('operator')), '--namespace seneschal-system')
    .description('reconcile the custom resources of a cluster against their vaults')
    .option('--kubeconfig <file>', 'kubeconfig; default: KUBECONFIG, the pod, ~/.kube/config')
    .option('--namespace <name>', "the operator's own: lease and installation key; default: the context's")
    .option('--watch-namespaces <names>', 'comma-separated; default: all', namesOf)
    .option('--health-address <host:port>', '/healthz, /readyz and /metrics', '127.0.0.1:8081')
    .addOption(
      new Option('--log-level <level>', 'least level of the log')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .addOption(connectToOption())
    .option(
      '--allow-insecure-loopback',
      'take the http://localhost of a `seneschal vault dev` too, for trying it out',
      false,
    )
    .addOption(allowMoveOption())
    .option(
      '--allow-metadata <domains>',
      'comma-separated domains of labels and annotations that targets may set though other controllers go by them',
      namesOf,
      [],
    )
    .option('--leader-elect', 'act only while holding the Lease', true)
    .option('--no-leader-elect', 'act at once; only for a process that is alone')
    .action(run);
}

async function run(flags: Flags, command: Command): Promise<void> {
  // Before anything is loaded: loading is the first burst.
  keepHeapSmall();
  // Imported here, so that other commands do not pay for it.
  const [{ loadKubeConfig }, { parseAddress, terminationSignal }, { runOperator }] = await Promise.all([
    import('#kube/kube.ts'),
    import('#runtime/runtime.ts'),
    import('#controllers/operator.ts'),
  ]);
  const config = await loadKubeConfig({ path: flags.kubeconfig });
  let healthAddress: { host: string; port: number };
  try {
    healthAddress = parseAddress(flags.healthAddress);
  } catch (error) {
    command.error(`error: --health-address: ${(error as Error).message}`, { exitCode: 64 });
  }
  const ended = await runOperator(
    {
      config,
      healthAddress,
      namespace: flags.namespace ?? config.namespace,
      watchNamespaces: flags.watchNamespaces ?? null,
      logLevel: flags.logLevel,
      leaderElect: flags.leaderElect,
      connectTo: flags.connectTo,
      allowInsecureLoopback: flags.allowInsecureLoopback,
      allowedMoves: flags.allowMove,
      allowedMetadata: flags.allowMetadata,
    },
    terminationSignal(),
  );
  if (ended === 'lease-lost') process.exitCode = LEASE_LOST;
}

function namesOf(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => name === '')) throw new InvalidArgumentError('expected names, such as a,b.');
  return names;
}
