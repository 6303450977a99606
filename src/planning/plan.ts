/**
 * What has to be done so that the vault is as declared (design §4 to §6). Pure: the same values, the same plan,
 * whatever the order of the lists.
 */

import { newlyManaged } from './adoptions.ts';
import { rotationFindings } from './advised-rotation.ts';
import { contextOf } from './context.ts';
import { emptyContribution, merge } from './contribution.ts';
import { planEnds } from './declared-ends.ts';
import { ownershipFindings } from './declared-owner.ts';
import { delegatedPart } from './delegated.ts';
import { planForeignPeople, planForeignThings } from './exclusive.ts';
import { foreignFindings } from './foreign.ts';
import { foreignGroups } from './foreign-groups.ts';
import { planGroups } from './groups.ts';
import { planMachines } from './machines.ts';
import { madeAnewFindings } from './made-anew.ts';
import { planMembers } from './members.ts';
import { inOrder } from './order.ts';
import type { PlanFunction } from './plan-types.ts';
import { plannedSteps } from './planned.ts';
import { planProjects } from './projects.ts';
import { judged } from './rails/judge.ts';
import { withTakeBacks } from './rails/take-backs.ts';
import { lettingGo } from './records-let-go.ts';
import { renameDrafts } from './rename-steps.ts';
import { seated } from './seats.ts';
import { planSettings } from './settings.ts';
import { sightingsOf } from './sightings.ts';
import { sortedBy } from './sorted.ts';
import { planTakeOver } from './take-over.ts';
import { planTemplateDeletions } from './template-deletions.ts';
import { planTemplates } from './templates.ts';
import { withinTier } from './tier-terms.ts';

/** Never throws for what people declare: that becomes findings. */
export const plan: PlanFunction = (desired, observed, policy, now) => {
  const context = contextOf(desired, observed, policy, now);
  const outcome = emptyContribution();
  outcome.findings.push(...context.declarationFindings);
  merge(outcome, planTakeOver(context));
  outcome.drafts.push(...renameDrafts(context));
  merge(outcome, planSettings(context));
  outcome.findings.push(...ownershipFindings(context));
  const projects = planProjects(context);
  merge(outcome, projects.outcome);
  const templates = planTemplates(context, projects);
  merge(outcome, templates.outcome);
  const people = planMembers(context, { projects, templates });
  merge(people, planForeignPeople(context));
  const members = delegatedPart(context, people);
  merge(outcome, members);
  merge(outcome, planEnds(context));
  merge(outcome, planTemplateDeletions(context, templates, members.drafts));
  merge(outcome, planMachines(context, projects));
  merge(outcome, planForeignThings(context));
  const taken = new Set(
    outcome.drafts.flatMap(({ takesForeign, subject: { kind, key } }) =>
      takesForeign ? [`${kind}/${key}`] : [],
    ),
  );
  outcome.findings.push(
    ...foreignFindings(context, taken),
    ...foreignGroups(context, taken),
    ...rotationFindings(context, members.drafts),
    ...madeAnewFindings(context, outcome.drafts, [...projects.absent.values(), ...templates.withdrawn]),
  );

  merge(outcome, planGroups(context, projects, members.drafts));

  const drafted = [...lettingGo(context, outcome.drafts)];
  const delegated = delegatedPart(context, { ...outcome, drafts: drafted });
  const { drafts, findings, ...seating } = seated(context, delegated.drafts);
  const terms = withinTier(context, plannedSteps(context, drafts, seating));
  const planned = withTakeBacks(context, inOrder(terms.planned));
  const { wakes, findings: queued, ...verdict } = judged(context, planned);
  const moments = [...delegated.wakes, ...wakes].filter((at) => at > now);
  return {
    vaultId: observed.vaultId,
    revision: observed.revision,
    epoch: observed.epoch,
    steps: planned.map(({ step }) => step),
    ...verdict,
    findings: sortedBy(
      [...delegated.findings, ...findings, ...terms.findings, ...queued],
      ({ subject, reason, message, source }) =>
        [subject.kind, subject.key, reason, source?.namespace, source?.name, message].join('\n'),
    ),
    managed: newlyManaged(context, planned),
    // What is another manager's yet is not seen by this one.
    sightings: context.former === null ? sightingsOf(context, verdict.runnable) : [],
    wakeAt: moments.length === 0 ? null : Math.min(...moments),
  };
};
