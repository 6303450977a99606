/** Rail 12. */
import { ROUTES } from '#protocol/management.ts';
import { pathTo } from '#protocol/request-path.ts';
import { type Output, printAnswer } from '../terminal/answer.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { reasonOf } from '../terminal/reason.ts';
import { asPerson, type PersonOptions } from './as-person.ts';

/**
 * `seneschal freeze`: every manager stops writing, but for explicit suspensions unless `all`. Frozen again, the first
 * flag stays; `all` tightens it, and nothing but a thaw loosens it.
 */
export async function freeze(
  options: PersonOptions & { reason?: string; all?: true; output: Output },
): Promise<CommandOutcome[]> {
  const { all = false } = options;
  const reason = await reasonOf(options.reason, 'whoever is held sees it');
  await asPerson(options, async ({ ask, vaultId }) => {
    await ask('PUT', pathTo``.below(ROUTES.freeze), { reason, all });
    printAnswer(
      options.output,
      { frozen: true, vaultId, reason, all },
      all
        ? `${vaultId} is frozen: nobody writes until \`seneschal thaw\`, and Git suspends nobody either.`
        : `${vaultId} is frozen: nobody writes until \`seneschal thaw\`. Whom Git says to suspend is suspended, unless it was frozen with --all.`,
    );
  });
  return [];
}

/** `seneschal thaw`: managers go on with their next pass. */
export async function thaw(options: PersonOptions & { output: Output }): Promise<CommandOutcome[]> {
  await asPerson(options, async ({ ask, vaultId }) => {
    await ask('DELETE', pathTo``.below(ROUTES.freeze));
    printAnswer(options.output, { frozen: false, vaultId }, `${vaultId} is thawed.`);
  });
  return [];
}
