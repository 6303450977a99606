/** Short forms of a plan that tests assert whole. */
import type { OrganizationState } from '#model/organization.ts';
import { plan } from '#planning/plan.ts';
import type { Approval, Desired, OrganizationPlan, PlanningPolicy, Step } from '#planning/plan-types.ts';
import { policy } from './desired.ts';
import { NOW } from './organization.ts';

interface Builder<T> {
  build(): T;
}

/** Plans at NOW, with losses that need not settle. */
export function planned(
  declared: Builder<Desired>,
  observed: Builder<OrganizationState>,
  under: Partial<PlanningPolicy> = {},
  now = NOW,
): OrganizationPlan {
  return plan(declared.build(), observed.build(), policy(under), now);
}

/** Under which all that the plan holds is approved, in the vault. */
export function approving({ digest }: OrganizationPlan): { readonly approvals: readonly Approval[] } {
  return {
    approvals: [
      {
        digest: digest ?? '',
        ...{ approver: 'alice', via: 'Vault', reference: 'apr_1', reason: 'demo' },
        expiresAt: Number.MAX_SAFE_INTEGER,
      },
    ],
  };
}

/** `InviteMember bob@acme.example`; the first ApplySettings of every fresh organization is left out. */
export function told(steps: readonly Step[]): string[] {
  return steps
    .filter(({ action }) => action.kind !== 'ApplySettings' || action.before !== null)
    .map(({ action }) => `${action.kind} ${action.key}`);
}

export function reasons({ findings }: OrganizationPlan): string[] {
  return findings.map(({ reason, severity, subject }) => `${severity} ${reason} ${subject.key}`);
}

export function held({ held: holds }: OrganizationPlan): (readonly [string, string[]])[] {
  return holds.map(({ reason, steps }) => [reason, told(steps)] as const);
}

export function stepOf(steps: readonly Step[], kind: Step['action']['kind'], key?: string): Step {
  const step = steps.find(({ action }) => action.kind === kind && (key === undefined || action.key === key));
  if (step === undefined) throw new Error(`no ${kind} among ${told(steps).join(', ')}`);
  return step;
}
