/** Steps about the organization itself, and about records alone (design §4). */
import { canonicalJson, stepHash } from '#model/digest.ts';
import { endText } from '#model/ends.ts';
import { addsApprovingMember, changesApprovingMembers, loosened } from '#model/loosened.ts';
import type { Json, ManagedKind } from '#model/record.ts';
import type { Act } from '../act/context.ts';
import { findMember } from '../authorization/member-access.ts';
import { refuse } from '../common/domain-error.ts';
import { findGroup } from '../groups/groups.ts';
import { findMachine } from '../machines/machines.ts';
import { appliedSettings } from '../managed/applied-settings.ts';
import { managerOf, type Subject } from '../managed/records.ts';
import { checkBefore, type StepState, type StepTypes } from '../managed/step.ts';
import { findProject } from '../projects/projects.ts';
import { findTemplate } from '../templates/templates.ts';
import { useApproval } from './approvals.ts';
import { takeOver } from './take-over.ts';

type OrganizationSteps = Pick<
  StepTypes,
  'RenameOrganization' | 'TakeOver' | 'ApplySettings' | 'Claim' | 'Release'
>;

const subject = ({ key }: { readonly key: string }) => ({ kind: 'Organization', key }) as const;

export const ORGANIZATION_STEPS: OrganizationSteps = {
  RenameOrganization: {
    subject,
    withdraws: false,
    run: async (act, action) => {
      checkVault(act, action.key);
      checkBefore(action, { displayName: act.vault.display_name });
      const { displayName } = action.after;
      await act.db
        .updateTable('vaults')
        .set({ display_name: displayName })
        .where('id', '=', act.vault.id)
        .execute();
      return { audit: { action: 'organization.renamed', details: { displayName } } };
    },
  },
  TakeOver: {
    subject,
    withdraws: false,
    run: async (act, action, request) => {
      checkVault(act, action.key);
      const records = await takeOver(act, action, request);
      const details = { from: action.before.manager, to: action.after.manager, records };
      return { audit: { action: 'organization.taken-over', details } };
    },
  },
  ApplySettings: {
    subject,
    withdraws: false,
    run: async (act, action, { approval, approvalProof }) => {
      checkVault(act, action.key);
      const before = appliedSettings(act.vault);
      checkBefore(action, before);
      await checkRequiredLast(act, action.after.requiredAdmins);
      if (action.after.confirmation && before?.confirmation !== true && act.tier.noConfirmation === true) {
        throw refuse('QuotaReached', `The plan ${act.tier.name} has no confirmation of members.`);
      }
      const fields = loosened(before, action.after);
      if (fields.length > 0) {
        if (approval === undefined) {
          throw refuse('NeedsApproval', `${fields.join(', ')} would guard less than before.`);
        }
        // Whoever claims approvals would name those who give the next ones; so would an approver, who adds another.
        const byOwnerAlone = addsApprovingMember(before, action.after);
        if (approval.via !== 'Vault' && changesApprovingMembers(before, action.after)) {
          throw refuse(
            'NeedsApproval',
            'Who approves in the vault is changed by an approval that is given there.',
            byOwnerAlone
              ? 'The owner approves the plan in the vault: `seneschal approve DIGEST`.'
              : 'The owner or an approver approves the plan in the vault: `seneschal approve DIGEST`.',
          );
        }
        await useApproval(act, {
          claim: approval,
          steps: { action, approvalProof },
          purpose: stepHash(act.vault.id, action),
          byOwnerAlone,
          counts: { class: 'loosenings', units: 1 },
        });
      }
      await act.db
        .updateTable('vaults')
        .set({ settings: JSON.stringify(action.after) })
        .where('id', '=', act.vault.id)
        .execute();
      const details = {
        settings: JSON.parse(canonicalJson(action.after)) as Json,
        loosened: fields,
        ...(approval === undefined ? {} : { approval: { ...approval } }),
      };
      return { audit: { action: 'organization.settings-applied', details } };
    },
  },
  Claim: {
    subject: ({ key, after }) => subjectOf(after.kind, key),
    withdraws: false,
    run: async (act, { key, after }, { record }) => {
      const claimed = subjectOf(after.kind, key);
      if (
        record?.kind !== claimed.kind ||
        record.key !== claimed.key ||
        canonicalJson(record.applied) !== canonicalJson(after.applied)
      ) {
        throw refuse('Invalid', 'A claim carries the record that it claims.');
      }
      if (!(await isThere(act, claimed))) {
        throw refuse('NotFound', `There is no ${claimed.kind} ${claimed.key}.`);
      }
      return { audit: { action: 'record.claimed', details: { origin: record.origin } } };
    },
  },
  Release: {
    subject: ({ key, before }) => subjectOf(before.kind, key),
    withdraws: false,
    run: async (act, { key, before }) => {
      const released = subjectOf(before.kind, key);
      // No plan does: the vault would have rails in force that nobody manages.
      if (released.kind === 'Organization') {
        throw refuse('Invalid', 'The record of the Organization stays as long as the organization does.');
      }
      if ((await managerOf(act, released)) === null) {
        throw refuse('StaleBefore', `There is no record of ${released.kind} ${released.key}.`);
      }
      const judged = (await isThere(act, released)) ? namedAlone(released) : {};
      return { judged, audit: { action: 'record.released' } };
    },
  },
};

/** The key of a record step is `Kind/key`. Throws `Invalid`. */
function subjectOf(kind: ManagedKind, key: string): Subject {
  const prefix = `${kind}/`;
  if (!key.startsWith(prefix)) throw refuse('Invalid', `${key} does not begin with ${prefix}.`);
  return { kind, key: key.slice(prefix.length) };
}

/** Rail 3, M5: who stays an admin is no member who ends. Throws `Floor`. */
async function checkRequiredLast(act: Act, emails: readonly string[]): Promise<void> {
  for (const email of emails) {
    const member = await findMember(act.db, act.vault.id, email);
    if (member?.access.expiresAt === undefined) continue;
    throw refuse(
      'Floor',
      `${email} is in rails.requiredAdmins, and the membership ends at ${endText(member.access.expiresAt)}.`,
      'Take the end away first.',
    );
  }
}

function checkVault(act: Act, key: string): void {
  if (key !== act.vault.id) throw refuse('Invalid', 'The key of the step is another vault.');
}

/** The thing as far as the consequence of a release looks at it: that there is one of that name. */
function namedAlone({ kind, key }: Subject): StepState {
  const lists = {
    ...{ Organization: {}, Member: { members: [{ email: key }] }, Group: { groups: [{ name: key }] } },
    ...{ PermissionTemplate: { templates: [{ name: key }] }, Project: { projects: [{ name: key }] } },
    MachineBinding: { machines: [{ name: key }] },
  };
  return lists[kind] as unknown as StepState;
}

async function isThere(act: Act, { kind, key }: Subject): Promise<boolean> {
  switch (kind) {
    case 'Organization':
      return key === act.vault.id;
    case 'Member':
      return (await findMember(act.db, act.vault.id, key)) !== undefined;
    case 'Group':
      return (await findGroup(act, key)) !== undefined;
    case 'PermissionTemplate':
      return (await findTemplate(act, key)) !== undefined;
    case 'Project':
      return (await findProject(act, key)) !== undefined;
    case 'MachineBinding':
      return (await findMachine(act.db, act.vault.id, key)) !== undefined;
  }
}
