/**
 * The order of design §5: explicit suspensions, which run in a request of their own, and compromised keys; settings; renames; projects, templates; groups; losses of
 * access; invites and gains, and groups that list invitees; losses of people last, except a removal whose seat an invite of
 * the same plan needs.
 */
import type { StepKind } from '#model/step.ts';
import { compareText } from '#model/text-order.ts';
import type { Step } from './plan-types.ts';

const SUSPENSIONS = 0;
const SETTINGS = 1;
const RENAMES = 2;
const CLAIMS = 3;
const PROJECTS = 4;
const TEMPLATES = 5;
const GROUPS = 6;
const LOSSES_OF_ACCESS = 7;
const SEATS = 8;
const GAINS = 9;
const LOSSES_OF_PEOPLE = 10;
const DELETIONS = 11;

/** Within a phase, steps go in the order of this list, then by key. Members before machines. */
const KINDS: readonly StepKind[] = [
  'SuspendMember',
  'TakeOver',
  'RenameOrganization',
  'ApplySettings',
  'RenameProject',
  'RenameTemplate',
  'Claim',
  'CreateProject',
  'RestoreProject',
  'UpdateProject',
  'CreateSecret',
  'RestoreSecret',
  'CreateTemplate',
  'UpdateTemplate',
  'CreateGroup',
  // Before the access is set: it brings no record where both are planned.
  'UnsuspendMember',
  'SetMemberAccess',
  // After the access is set: an exhausted invite is sent anew with the edit in Git that this records, or not at all (I2).
  'ResendInvite',
  'InviteMember',
  'UpdateGroup',
  'DeleteGroup',
  'CancelInvite',
  'RemoveMember',
  'DisableMachine',
  // Before the key that takes the slot.
  'RevokeKeyIfIdle',
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

function phaseOf({ step: { action, consequence }, freesSeat, listsInvitee }: Placed): number {
  switch (action.kind) {
    case 'TakeOver':
    case 'RenameOrganization':
    case 'ApplySettings':
      return SETTINGS;
    // What follows is planned by the new name.
    case 'RenameProject':
    case 'RenameTemplate':
      return RENAMES;
    case 'Claim':
      return CLAIMS;
    case 'CreateProject':
    case 'RestoreProject':
    case 'UpdateProject':
    case 'CreateSecret':
    case 'RestoreSecret':
      return PROJECTS;
    case 'CreateTemplate':
      return TEMPLATES;
    case 'UpdateTemplate':
      // Losses of one class stand together: they are reserved when the templates that only give are done.
      return consequence.loss === null ? TEMPLATES : LOSSES_OF_ACCESS;
    case 'CreateGroup':
      return GROUPS;
    case 'UpdateGroup':
      // Invitees are listed after their invites.
      if (listsInvitee) return GAINS;
      // What a person keeps by a group is given before the rest is taken.
      return consequence.loss === null ? GROUPS : LOSSES_OF_ACCESS;
    case 'SuspendMember':
      return SUSPENSIONS;
    case 'DeleteGroup':
    case 'DisableMachine':
      return LOSSES_OF_ACCESS;
    case 'RevokeKeyIfIdle':
      return action.after.because === 'Compromised' ? SUSPENSIONS : LOSSES_OF_ACCESS;
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

interface Placed {
  readonly step: Step;
  readonly freesSeat: boolean;
  readonly listsInvitee: boolean;
}

/** Of two ends of keys of a machine, the first leaves what the second was decided on. */
function keysBefore({ action }: Step): number {
  return action.kind === 'RevokeKeyIfIdle' ? action.before.fingerprints.length : 0;
}

export function inOrder<T extends Placed>(items: readonly T[]): T[] {
  const places = items.map((item) => ({
    item,
    phase: phaseOf(item),
    rank: RANK.get(item.step.action.kind) ?? KINDS.length,
  }));
  places.sort(
    (a, b) =>
      a.phase - b.phase ||
      a.rank - b.rank ||
      // A name is given up before it is taken: as they come.
      (a.phase === RENAMES
        ? 0
        : compareText(a.item.step.action.key, b.item.step.action.key) ||
          keysBefore(b.item.step) - keysBefore(a.item.step) ||
          compareText(a.item.step.hash, b.item.step.hash)),
  );
  return places.map(({ item }) => item);
}
