/**
 * What the tier of the organization does not allow is no step: the vault would refuse it (P3, P4, O1). It is a finding,
 * one for each thing.
 */
import { runsInLapsed } from '#model/lapsed.ts';
import type { Tier } from '#model/organization.ts';
import type { StepKind } from '#model/step.ts';
import type { Context } from './context.ts';
import type { Finding } from './plan-types.ts';
import type { Planned } from './planned.ts';

interface Terms {
  readonly planned: readonly Planned[];
  readonly findings: readonly Finding[];
}

/** A personal vault has its owner alone. */
const OF_AN_ORGANIZATION: ReadonlySet<StepKind> = new Set<StepKind>(['InviteMember', 'CreateTemplate']);

export function withinTier({ observed: { plan } }: Context, planned: readonly Planned[]): Terms {
  const kept: Planned[] = [];
  const findings = new Map<string, Finding>();
  for (const item of planned) {
    const refusal = refusalOf(plan, item);
    if (refusal === null) {
      kept.push(item);
      continue;
    }
    const { subject, source } = item.step;
    const key = `${subject.kind}/${subject.key}`;
    if (!findings.has(key)) findings.set(key, { subject, source, severity: 'Stalled', ...refusal });
  }
  return { planned: kept, findings: [...findings.values()] };
}

function refusalOf(
  { name, lapsedAt, isPersonal, billingUrl }: Tier,
  { step: { action, consequence } }: Planned,
): Pick<Finding, 'reason' | 'message' | 'next'> | null {
  if (isPersonal === true && OF_AN_ORGANIZATION.has(action.kind)) {
    return {
      reason: 'PersonalVault',
      message: `The vault is personal and has its owner alone: no ${action.kind} ${action.key}.`,
      next: 'The owner converts it to an organization first (O1).',
    };
  }
  if (lapsedAt === undefined || runsInLapsed(action.kind, consequence)) return null;
  return {
    reason: 'PlanLapsed',
    message: `The plan ${name} lapsed at ${new Date(lapsedAt).toISOString()}: access can only be taken away, so no ${action.kind} ${action.key}.`,
    next: billingUrl === '' ? 'Whoever runs the server sets a plan.' : `Renew it: ${billingUrl}`,
  };
}

/** P3: whether the tier has room for one more project; a finding where it has none. */
export function noRoomForProject(
  { observed: { plan, projects } }: Context,
  planned: number,
): Pick<Finding, 'reason' | 'severity' | 'message' | 'next'> | null {
  const { caps, name, billingUrl } = plan;
  if (caps.projects === null || projects.length + planned < caps.projects) return null;
  return {
    reason: 'QuotaReached',
    severity: 'Stalled',
    message: `The plan ${name} has room for ${caps.projects} projects, of which ${projects.length} are there.`,
    next:
      billingUrl === '' ? 'Remove one, or move to a larger plan.' : `Remove one, or get more: ${billingUrl}`,
  };
}
