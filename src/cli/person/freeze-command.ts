/** Rail 12. */
import { ROUTES } from '#protocol/management.ts';
import { pathTo } from '#protocol/request-path.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { print } from '../terminal/print.ts';
import { asPerson, type PersonOptions } from './as-person.ts';

/** `seneschal freeze`: every manager stops writing. Frozen again, the first flag stays. */
export async function freeze(options: PersonOptions & { reason: string }): Promise<CommandOutcome[]> {
  await asPerson(options, async ({ ask, vaultId }) => {
    await ask('PUT', pathTo``.below(ROUTES.freeze), { reason: options.reason });
    print(`${vaultId} is frozen: nobody writes until \`seneschal thaw\`.`);
  });
  return [];
}

/** `seneschal thaw`: managers go on with their next pass. */
export async function thaw(options: PersonOptions): Promise<CommandOutcome[]> {
  await asPerson(options, async ({ ask, vaultId }) => {
    await ask('DELETE', pathTo``.below(ROUTES.freeze));
    print(`${vaultId} is thawed.`);
  });
  return [];
}
