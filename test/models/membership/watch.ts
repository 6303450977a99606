/**
 * What no step of a manager may do, by brute force: each step that the vault took is held against the folder, against what
 * people cut, and against the budgets in any window. Nothing is asked of planning.
 */
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import type { Ending } from '#model/ends.ts';
import { LOSS_CLASSES, type LossClass, spending } from '#model/loss.ts';
import type { OrganizationState } from '#model/organization.ts';
import { sameValue } from '#model/same.ts';
import type { StepAction } from '#model/step.ts';
import type { StepAnswer, StepRequest } from '#protocol/management.ts';
import type { Start } from './commands.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
/** Sendings of one invite without an edit in Git (I2). */
const SENDINGS = 3;

type Spent = LossClass | 'invited';

interface Spending {
  readonly what: Spent;
  readonly key: string;
  readonly at: number;
}

/** `objects`: the folder; `isWhole`: all of it could be read; `seen`: who was declared since the cluster was built. */
interface Pass {
  readonly objects: readonly CustomResource[];
  readonly isWhole: boolean;
  readonly seen: ReadonlySet<string>;
  readonly now: number;
}

export class Watch {
  /** What was done against the rules, in words. */
  readonly faults: string[] = [];
  readonly #start: Start;
  readonly #spent: Spending[] = [];
  readonly #sent = new Map<string, number>();
  readonly #approved = new Set<string>();
  /** Who is there by the steps and the acts that were seen. */
  readonly #there = new Set<string>();
  /** Of those, who accepted. */
  readonly #joined = new Set<string>();
  /** The newest cut of a whole membership by people that nothing answered, by e-mail. */
  readonly #cuts = new Map<string, string>();
  /** What SetMemberAccess steps replaced: taking one back within a day is no loss (rail 2). */
  readonly #raised: { readonly action: StepAction; readonly at: number }[] = [];

  constructor(start: Start) {
    this.#start = start;
  }

  /** A commit changed what is declared of the person: an invite may be sent anew. */
  edited(email: string): void {
    this.#sent.delete(email);
  }

  /** What people did. `after`: the vault since then. */
  acted(email: string, act: string, after: OrganizationState): void {
    const isThere = after.members.some((one) => one.email === email);
    if (act === 'accepts') this.#joined.add(email);
    if (isThere) this.#there.add(email);
    else this.#forget(email);
    this.#sent.delete(email);
    const newest = after.tombstones
      .filter(({ kind, key, item }) => kind === 'Member' && key === email && item === null)
      .filter(({ act: cut }) => ['Removed', 'Left', 'Declined', 'Suspended'].includes(cut))
      .toSorted((a, b) => (a.at === b.at ? (a.entry < b.entry ? 1 : -1) : b.at - a.at))[0];
    if (act === 'unsuspends') this.#cuts.delete(email);
    else if (newest !== undefined && CUTTING.includes(act)) this.#cuts.set(email, newest.entry);
  }

  reserved(actions: readonly StepAction[], approved: boolean): void {
    if (approved) for (const action of actions) this.#approved.add(nameOf(action));
  }

  answered(
    { action, approval, reinstate }: StepRequest,
    answer: StepAnswer,
    { objects, isWhole, seen, now }: Pass,
  ): void {
    if (answer.status !== 'Done') return;
    const { key: email } = action;
    const declared = membersOf(objects, email).filter((object) => this.#counts(object, objects));
    const active = declared.filter(({ spec }) => (spec.state ?? 'Active') === 'Active');
    const isApproved = approval != null || this.#approved.has(nameOf(action));
    const says = (text: string): void => {
      this.faults.push(`${action.kind} ${email}: ${text}`);
    };
    const spends = (what: Spent, key: string): void => {
      if (!isApproved) this.#spend({ what, key, at: now });
    };
    switch (action.kind) {
      case 'InviteMember':
        if (this.#there.has(email)) says('is there already');
        if (active.length === 0) says('nobody declares them');
        if (active.every(({ spec }) => isPast(spec.expiresAt, now))) says('has ended');
        this.#there.add(email);
        this.#answers(email, reinstate, says);
        this.#sends(email, says);
        // The approval of a plan in the vault lets it invite as many as it has.
        spends('invited', email);
        if (action.after.role === 'Admin') this.#raises(isApproved, says);
        break;
      case 'ResendInvite':
        if (active.length === 0) says('nobody declares them');
        if (action.after.attempts > SENDINGS) says('was sent more than three times');
        this.#sends(email, says);
        break;
      case 'RemoveMember':
      case 'CancelInvite':
        if (!isWhole) says('the view was partial');
        if (this.#start.manager === 'Operator' && !isApproved && !seen.has(email))
          says('nobody declared them in this cluster');
        if (action.kind === 'RemoveMember' && declared.length > 0) says('a Member declares them');
        if (action.kind === 'CancelInvite' && active.some((one) => !isElsewhere(one)))
          says('is declared Active');
        this.#forget(email);
        // Who has ended loses nothing any more (M5).
        if (!hasEnded(action.before, now))
          spends(action.kind === 'RemoveMember' ? 'people' : 'invites', email);
        break;
      case 'SuspendMember':
        if (!declared.some(({ spec }) => spec.state === 'Suspended')) says('no Member says Suspended');
        spends('suspensions', email);
        break;
      case 'UnsuspendMember':
        if (active.length === 0) says('no Member says Active');
        this.#answers(email, reinstate, says);
        break;
      case 'SetMemberAccess': {
        const { before, after } = action;
        const isLess = (before.role === 'Admin' && after.role === 'Member') || endsBefore(after, before);
        const hadEnded = hasEnded(before, now);
        if (isLess && !hadEnded && this.#joined.has(email) && !this.#takesBack(action, now))
          spends('people', email);
        if (before.role === 'Member' && after.role === 'Admin' && !hasEnded(after, now))
          this.#raises(isApproved, says);
        this.#raised.push({ action, at: now });
        break;
      }
      default:
        break;
    }
  }

  /** Who is there must be who was there, with those invited and without those who left. */
  arrived({ members, owner, ledger }: OrganizationState, now: number): void {
    for (const lossClass of LOSS_CLASSES) this.#fits(lossClass, ledger, now);
    const there = members.map(({ email }) => email).filter((email) => email !== owner);
    const lost = [...this.#there].filter((email) => !there.includes(email));
    const found = there.filter((email) => !this.#there.has(email));
    if (lost.length > 0) this.faults.push(`lost by no step and no act: ${lost.join(', ')}`);
    if (found.length > 0) this.faults.push(`there by no step and no act: ${found.join(', ')}`);
  }

  /** Whether the declaration counts: another namespace than the Organization's brings what its entry names, and no more. */
  #counts(
    { metadata: { namespace }, spec }: CustomResource<'Member'>,
    objects: readonly CustomResource[],
  ): boolean {
    if (namespace !== 'team' || !this.#start.listsTeam) return namespace === 'acme';
    const { role = 'Member', grants = [], templateRef } = spec;
    // One that cannot be read stands for nobody whom it did not bring.
    if (!Array.isArray(grants)) return false;
    const inEntry = grants.every(({ project }) => project === 'web');
    return role === 'Member' && inEntry && (templateRef === undefined || objects.some(isTemplate));
  }

  /** What the log of the vault itself counts. */
  #fits(lossClass: LossClass, ledger: OrganizationState['ledger'], now: number): void {
    for (const [window, limit] of this.#limitsOf(lossClass)) {
      const lost = ledger.filter(
        (entry) => entry.class === lossClass && !entry.approved && entry.at > now - window,
      );
      const { used } = spending(lossClass, lost, []);
      if (used > limit) this.faults.push(`the log has ${used} of ${lossClass}, of ${limit}`);
    }
  }

  #answers(email: string, reinstate: string | undefined, says: (text: string) => void): void {
    const cut = this.#cuts.get(email);
    if (cut !== undefined && reinstate !== cut) says(`people cut them (${cut}), and nothing names that`);
    this.#cuts.delete(email);
  }

  #sends(email: string, says: (text: string) => void): void {
    const sent = (this.#sent.get(email) ?? 0) + 1;
    this.#sent.set(email, sent);
    if (sent > SENDINGS) says(`the invite was sent ${sent} times without an edit`);
  }

  #raises(isApproved: boolean, says: (text: string) => void): void {
    if (!isApproved && this.#start.rails.privilegeApproval !== 'Never') says('is raised without an approval');
  }

  #forget(email: string): void {
    this.#there.delete(email);
    this.#joined.delete(email);
  }

  #takesBack(action: StepAction, now: number): boolean {
    return this.#raised.some(
      ({ action: raise, at }) =>
        at > now - DAY &&
        raise.key === action.key &&
        sameValue(raise.before, action.after) &&
        sameValue(raise.after, action.before),
    );
  }

  /** The budgets are numbers here, so that every window has the same. */
  #spend(spending: Spending): void {
    this.#spent.push(spending);
    const { what, at } = spending;
    for (const [window, limit] of this.#limitsOf(what)) {
      const within = this.#spent.filter((one) => one.what === what && one.at > at - window);
      const used = what === 'suspensions' ? new Set(within.map(({ key }) => key)).size : within.length;
      if (used > limit) this.faults.push(`${what}: ${used} within ${window / HOUR} h, of ${limit}`);
    }
  }

  #limitsOf(what: Spent): readonly (readonly [window: number, limit: number])[] {
    const { invitesPerHour, invitesPerDay, rails } = this.#start;
    if (what === 'invited') {
      return [
        [HOUR, invitesPerHour],
        [DAY, invitesPerDay],
      ];
    }
    const budget = what === 'projects' ? undefined : rails.lossBudget?.[what];
    // A default is of what there is: each test of one counts for itself.
    if (budget === undefined) return [];
    const holds = rails.losses === 'Hold' && what !== 'suspensions';
    return [[7 * DAY, holds ? 0 : (budget.min ?? 0)]];
  }
}

const CUTTING: readonly string[] = ['suspends', 'removes', 'leaves', 'declines'];

/** There is one name of a template; one that cannot be read has a field of others. */
function isTemplate({ kind, spec }: CustomResource): boolean {
  return kind === 'PermissionTemplate' && !Object.hasOwn(spec, 'grants');
}

function membersOf(objects: readonly CustomResource[], email: string): CustomResource<'Member'>[] {
  return objects.filter(
    (object): object is CustomResource<'Member'> =>
      object.kind === 'Member' && (object as CustomResource<'Member'>).spec.email === email,
  );
}

/** Of a namespace whose declarations may count for nothing. */
function isElsewhere({ metadata }: CustomResource): boolean {
  return metadata.namespace !== 'acme';
}

function endsBefore(one: Ending, other: Ending): boolean {
  return (one.expiresAt ?? Number.POSITIVE_INFINITY) < (other.expiresAt ?? Number.POSITIVE_INFINITY);
}

function hasEnded({ expiresAt }: Ending, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

function isPast(end: string | undefined, now: number): boolean {
  return end !== undefined && Date.parse(end) <= now;
}

function nameOf({ kind, key }: StepAction): string {
  return `${kind} ${key}`;
}
