/**
 * A binding that its Organization does not let count, or has not looked at yet where it stands in another namespace
 * (design §4, `access`): no key is made for it. What there is of it goes on, because nothing is lost by that alone.
 */
import { refOf } from '#kube/kube.ts';
import type { BindingInput } from './input.ts';
import { type PartOutcome, stalled, waiting } from './part-outcome.ts';
import type { SecretCache } from './secret-cache.ts';

/** Undefined: the pass goes on. */
export function broughtProblem(
  { identity: { namespace }, binding, organization, summary }: BindingInput,
  cache: Pick<SecretCache, 'lookup'>,
): PartOutcome | undefined {
  if (cache.lookup({ namespace, name: binding.spec.key.secretName }).found === 'present') return undefined;
  if (summary === undefined) {
    if (refOf(organization).namespace === namespace) return undefined;
    return waiting('WaitingForOrganization', `Organization ${organization} has not looked at it yet`);
  }
  const { reason, message } = summary;
  return reason === 'NamespaceNotListed' || reason === 'NotAllowed' ? stalled(reason, message) : undefined;
}
