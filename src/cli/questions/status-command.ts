import { whatIsOpen } from '#engine/open.ts';
import { openText } from '#engine/open-text.ts';
import { plan as planOf } from '#planning/plan.ts';
import { statusOf, statusText } from '#questions/vault-status.ts';
import { outcomesOf } from '../gitops/open-outcomes.ts';
import { withObservation } from '../gitops/vault-observation.ts';
import { openWorkspace } from '../gitops/workspace.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { type AskOptions, printVersioned } from './asked.ts';

export interface StatusOptions extends AskOptions {
  readonly organization?: string;
  readonly namespace: string;
}

/** `seneschal status [FOLDER]`: with a folder also what is open of it; exits as `plan` does then. */
export async function statusCommand(
  folder: string | undefined,
  options: StatusOptions,
): Promise<CommandOutcome[]> {
  const workspace = folder === undefined ? null : await openWorkspace(folder, options);
  const spec = workspace?.organization.spec ?? null;
  return withObservation(options, spec, async ({ observation, trace }) => {
    const now = Date.now();
    const { snapshot, volatile } = observation;
    const { keys } = await trace({ subjects: [], reads: null });
    const status = statusOf(snapshot.state, volatile, keys, now);
    if (workspace === null) {
      printVersioned(options.output, status, () => statusText(status));
      return [];
    }
    const { freeze, managedBy } = volatile;
    const policy = { approvals: [], settling: {}, settle: false, observeOnly: null, freeze, managedBy };
    const bare = planOf(workspace.desired, snapshot.state, policy, now);
    const plan = { ...bare, findings: [...workspace.findings, ...bare.findings] };
    const open = whatIsOpen(workspace.desired, { plan, answers: new Map() });
    const drift = plan.findings.filter(({ reason }) => reason === 'Drift').map(({ message }) => message);
    const items = open.items.map(({ standing, reason, subject, message, next }) => ({
      standing,
      reason,
      subject,
      message,
      next,
    }));
    printVersioned(options.output, { ...status, open: { counts: open.counts, items }, drift }, () =>
      [
        statusText(status),
        ...(drift.length === 0 ? [] : ['Changed in the vault:', ...drift.map((text) => `  ${text}`)]),
        items.length === 0 ? 'Nothing is open.' : `Open: ${openText(open)}.`,
        ...items.map(({ reason, subject, message }) => `  ${reason} ${subject.key}: ${message}`),
      ].join('\n'),
    );
    return outcomesOf(open);
  });
}
