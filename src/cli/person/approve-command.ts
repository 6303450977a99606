import type { VaultApproval } from '#model/loss.ts';
import { ROUTES } from '#protocol/management.ts';
import { pathTo } from '#protocol/request-path.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { Failure } from '../terminal/failure.ts';
import { print } from '../terminal/print.ts';
import { asPerson, type PersonOptions } from './as-person.ts';

/** `seneschal approve DIGEST`: a person's approval, kept in the vault for 24 hours and used once. */
export async function approve(
  digest: string,
  options: PersonOptions & { reason: string },
): Promise<CommandOutcome[]> {
  if (!/^[0-9a-f]{64}$/.test(digest)) {
    throw new Failure('Usage', 'That is no digest: 64 hexadecimal digits.', 'Copy it from the plan.');
  }
  await asPerson(options, async ({ ask, userName }) => {
    const approval = (await ask('POST', pathTo``.below(ROUTES.approvals), {
      digest,
      reason: options.reason,
    })) as VaultApproval;
    print(
      `${userName} approved ${digest} until ${new Date(approval.expiresAt).toISOString()} (${approval.id}).`,
    );
  });
  return [];
}
