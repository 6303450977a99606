/** `seneschal vault tier`: what whoever runs the server does with the tiers of its vaults (P4). */
import { setPlan, vaultsOnTiers } from '#vault/organizations/tier-setting.ts';
import { jsonText, moment, type Output, printAnswer } from '../terminal/answer.ts';
import { print } from '../terminal/print.ts';
import { inDatabase } from './vault-init.ts';
import { vaultConfigOf } from './vault-serve.ts';

/** Throws Failure. */
export async function vaultTierSet(
  vaultId: string,
  plan: string,
  {
    config,
    output,
    until = null,
  }: { readonly config: string; readonly output: Output; readonly until?: number | null },
): Promise<void> {
  await inDatabase(vaultConfigOf(config), async (context) => {
    await setPlan(context, vaultId, { plan, until });
    const end = until === null ? '' : ` until ${moment(until)}`;
    printAnswer(output, { vaultId, plan, until }, `${vaultId} is on the tier ${plan}${end}.`);
  });
}

/** Throws Failure. */
export async function vaultTierList({
  config,
  output,
}: {
  readonly config: string;
  readonly output: Output;
}): Promise<void> {
  await inDatabase(vaultConfigOf(config), async (context) => {
    const vaults = await vaultsOnTiers(context);
    if (output === 'json') {
      print(jsonText({ vaults }, 0));
      return;
    }
    for (const { vaultId, kind, displayName, plan, until } of vaults) {
      const end = until === null ? '' : ` until ${moment(until)}`;
      print(`${vaultId} ${kind} ${plan}${end}: ${displayName}`);
    }
  });
}
