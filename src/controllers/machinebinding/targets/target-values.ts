/** Asks the vault for the values of a machine's targets: in as few claims as it takes, signed by the machine's key. */
import { signText } from '#identity/key-pair.ts';
import type { SyncedSecret } from '#provider/provider.ts';
import type { RegisteredMachine } from '../../machine-registry.ts';
import { type PartOutcome, waiting } from '../part-outcome.ts';
import type { ChosenTarget } from './target-check.ts';
import { refusalOf } from './target-problems.ts';
import type { TargetWorld } from './target-world.ts';

/** What the vault answered, by id of the secret. */
export interface TargetValues {
  readonly values: ReadonlyMap<string, SyncedSecret>;
  /** Why it left out what it left out. */
  readonly refused: ReadonlyMap<string, string>;
}

/** As the vault takes them of one machine at once. */
const SECRETS_A_CLAIM = 1_000;

/** @throws ProviderError, VaultAwayError, KubeError; what only has to be waited for is the problem. */
export async function readValues(
  machine: RegisteredMachine,
  world: TargetWorld,
  targets: readonly ChosenTarget[],
): Promise<
  { readonly problem: PartOutcome } | { readonly problem?: undefined; readonly answered: TargetValues }
> {
  world.values.check();
  const privateKey = await world.privateKey();
  if (privateKey === undefined) {
    return { problem: waiting('WaitingForKey', 'there is no key to read values with') };
  }
  const ids = [...new Set(targets.flatMap(({ sources }) => sources.map(({ id }) => id)))].sort();
  const isFirst = targets.every(({ present }) => present === undefined);
  const values = new Map<string, SyncedSecret>();
  const refused = new Map<string, string>();
  for (let from = 0; from < ids.length; from += SECRETS_A_CLAIM) {
    const claim = {
      machineId: machine.machineId,
      secrets: ids.slice(from, from + SECRETS_A_CLAIM),
      sign: (payload: string) => signText(privateKey, payload),
    };
    const answer = await world.values.sync(claim, isFirst);
    const refusal = refusalOf(answer);
    if (refusal !== undefined) return { problem: refusal };
    world.sawVersions(answer.secrets);
    for (const secret of answer.secrets) values.set(secret.id, secret);
    for (const { id, reason } of answer.refused) refused.set(id, reason);
  }
  return { answered: { values, refused } };
}
