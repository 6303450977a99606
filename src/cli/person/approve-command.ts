import type { VaultApproval } from '#model/loss.ts';
import { ROUTES } from '#protocol/management.ts';
import { pathTo } from '#protocol/request-path.ts';
import { moment, type Output, printAnswer } from '../terminal/answer.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { Failure } from '../terminal/failure.ts';
import { reasonOf } from '../terminal/reason.ts';
import { asPerson, type Person, type PersonOptions } from './as-person.ts';

export interface ApproveOptions extends Omit<PersonOptions, 'namespace'> {
  /** Left out: asked for. */
  readonly reason?: string;
  readonly kubeconfig?: string;
  readonly kubeContext?: string;
  /** Undefined: not given. */
  readonly namespace: string | undefined;
  readonly output: Output;
}

/**
 * `seneschal approve DIGEST`: a person's approval, for 24 hours and once. By their session it is given in the vault; with
 * --kubeconfig it is a PlanApproval of whoever the API server takes them for. Throws Failure.
 */
export async function approve(digest: string, options: ApproveOptions): Promise<CommandOutcome[]> {
  if (!/^[0-9a-f]{64}$/.test(digest)) {
    throw new Failure('Usage', 'That is no digest: 64 hexadecimal digits.', 'Copy it from the plan.');
  }
  if (options.kubeconfig === undefined) await inVault(digest, options);
  else await inCluster(digest, { ...options, kubeconfig: options.kubeconfig });
  return [];
}

async function inVault(
  digest: string,
  { kubeContext, namespace, ...options }: ApproveOptions,
): Promise<void> {
  if (kubeContext !== undefined) {
    throw new Failure(
      'Usage',
      '--kube-context is of a kubeconfig.',
      'Give --kubeconfig too, or leave it out.',
    );
  }
  const reason = await reasonOf(options.reason, 'the audit log has it');
  await asPerson({ ...options, namespace: namespace ?? 'default' }, async (person) => {
    const approval = await giveApproval(person, digest, reason);
    printAnswer(options.output, approval, approvedText(person, approval));
  });
}

async function inCluster(
  digest: string,
  options: ApproveOptions & { readonly kubeconfig: string },
): Promise<void> {
  const ofVault = OF_VAULT.find(([name]) => options[name] !== undefined);
  if (ofVault !== undefined) {
    throw new Failure(
      'Usage',
      `--kubeconfig makes a PlanApproval in the cluster, and ${ofVault[1]} is of a vault.`,
      'Give one or the other.',
    );
  }
  const reason = await reasonOf(options.reason, 'the audit log has it');
  // Imported here: nobody else at a terminal needs a cluster.
  const { approveInCluster } = await import('./cluster-approval.ts');
  const { namespace, name, approver } = await approveInCluster(digest, {
    ...options,
    reason,
    context: options.kubeContext,
  });
  printAnswer(
    options.output,
    { digest, approver, planApproval: { namespace, name } },
    `${approver} approved ${digest} for 24 hours: PlanApproval ${namespace}/${name}.`,
  );
}

const OF_VAULT = [
  ['context', '--context'],
  ['as', '--as'],
  ['passwordFile', '--password-file'],
  ['signInCode', '--sign-in-code'],
  ['folder', '--folder'],
  ['url', '--url'],
  ['vault', '--vault'],
  ['ca', '--ca'],
] as const;

/** Throws Failure. */
export async function giveApproval(
  { ask }: Pick<Person, 'ask'>,
  digest: string,
  reason: string,
): Promise<VaultApproval> {
  return (await ask('POST', pathTo``.below(ROUTES.approvals), { digest, reason })) as VaultApproval;
}

/** `owner approved 0f5c… until ...`. */
export function approvedText({ userName }: Pick<Person, 'userName'>, approval: VaultApproval): string {
  return `${userName} approved ${approval.digest} until ${moment(approval.expiresAt)} (${approval.id}).`;
}
