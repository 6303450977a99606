/**
 * The order of design §5: explicit suspensions, which run in a request of their own; settings; projects, templates; losses of access; invites and gains; losses of people
 * last, except a removal whose seat an invite of the same plan needs.
 */
import type { StepKind } from '#model/step.ts';
import { compareText } from '#model/text-order.ts';
import type { Step } from './plan-types.ts';

const SUSPENSIONS = 0;
const SETTINGS = 1;
const CLAIMS = 2;
const PROJECTS = 3;
const TEMPLATES = 4;
const LOSSES_OF_ACCESS = 5;
const SEATS = 6;
const GAINS = 7;
const LOSSES_OF_PEOPLE = 8;
const DELETIONS = 9;

/** Within a phase, steps go in the order of this list, then by key. Members before machines. */
const KINDS: readonly StepKind[] = [
  'SuspendMember',
  'RenameOrganization',
  'ApplySettings',
  'Claim',
  'CreateProject',
  'UpdateProject',
  'CreateSecret',
  'CreateTemplate',
  'UpdateTemplate',
  // Before the access is set: it brings no record where both are planned.
  'UnsuspendMember',
  // Before the access is set: that records the edit in Git which an exhausted invite is sent again for (I2).
  'ResendInvite',
  'SetMemberAccess',
  'InviteMember',
  'CancelInvite',
  'RemoveMember',
  'DisableMachine',
  'RegisterMachine',
  'AddMachineKey',
  'EnableMachine',
  'SetMachineAccess',
  'RevokeMachine',
  'DeleteTemplate',
  'DeleteProject',
  'Release',
];
const RANK = new Map(KINDS.map((kind, index) => [kind, index]));

function phaseOf({ action, consequence }: Step, freesSeat: boolean): number {
  switch (action.kind) {
    case 'RenameOrganization':
    case 'ApplySettings':
      return SETTINGS;
    case 'Claim':
      return CLAIMS;
    case 'CreateProject':
    case 'UpdateProject':
    case 'CreateSecret':
      return PROJECTS;
    case 'CreateTemplate':
      return TEMPLATES;
    case 'UpdateTemplate':
      // Losses of one class stand together: they are reserved when the templates that only give are done.
      return consequence.loss === null ? TEMPLATES : LOSSES_OF_ACCESS;
    case 'SuspendMember':
      return SUSPENSIONS;
    case 'DisableMachine':
      return LOSSES_OF_ACCESS;
    case 'SetMemberAccess':
    case 'SetMachineAccess':
      return consequence.loss === null ? GAINS : LOSSES_OF_ACCESS;
    case 'InviteMember':
    case 'ResendInvite':
    case 'UnsuspendMember':
    case 'RegisterMachine':
    case 'AddMachineKey':
    case 'EnableMachine':
      return GAINS;
    case 'CancelInvite':
    case 'RemoveMember':
      return freesSeat ? SEATS : LOSSES_OF_PEOPLE;
    case 'RevokeMachine':
    case 'DeleteTemplate':
    case 'DeleteProject':
    case 'Release':
      return DELETIONS;
  }
}

export function inOrder<T extends { readonly step: Step; readonly freesSeat: boolean }>(
  items: readonly T[],
): T[] {
  const places = items.map((item) => ({
    item,
    phase: phaseOf(item.step, item.freesSeat),
    rank: RANK.get(item.step.action.kind) ?? KINDS.length,
  }));
  places.sort(
    (a, b) =>
      a.phase - b.phase ||
      a.rank - b.rank ||
      compareText(a.item.step.action.key, b.item.step.action.key) ||
      compareText(a.item.step.hash, b.item.step.hash),
  );
  return places.map(({ item }) => item);
}
