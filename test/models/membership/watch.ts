/**
 * What no step of a manager may do, by brute force: each step that the vault took is held against the folder, against what
 * people cut, and against the budgets in any window. Nothing is asked of planning.
 */
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import type { Ending } from '#model/ends.ts';
import { LOSS_CLASSES, type LossClass, spending } from '#model/loss.ts';
import type { OrganizationState } from '#model/organization.ts';
import type { TombstoneAct } from '#model/record.ts';
import { sameValue } from '#model/same.ts';
import type { StepAction } from '#model/step.ts';
import type { StepAnswer, StepRequest } from '#protocol/management.ts';
import type { Start } from './commands.ts';
import type { Act } from './model-vault.ts';

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
  /** What a reservation has approved and no step did yet: for one step, and for what it is about whole. */
  readonly #approved: StepAction[] = [];
  /** Who is there by the steps and the acts that were seen. */
  readonly #there = new Set<string>();
  /** Of those, who accepted. */
  readonly #joined = new Set<string>();
  /** The newest cut of a whole membership by people that nothing answered, by e-mail. */
  readonly #cuts = new Map<string, string>();
  /** Cuts of a role, a grant, or a place on the list of a group, that nothing answered, by person and item. */
  readonly #itemCuts = new Map<string, string>();
  /** Entries of cuts, in the order in which people made them. */
  readonly #entries: string[] = [];
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
  acted(act: Act, after: OrganizationState): void {
    const { email } = act;
    const isThere = after.members.some((one) => one.email === email);
    if ('invitee' in act && act.invitee === 'accepts') this.#joined.add(email);
    if (isThere) this.#there.add(email);
    else this.#forget(email);
    this.#sent.delete(email);
    if ('owner' in act && act.owner === 'unsuspends') this.#cuts.delete(email);
    const cut = cutBy(act);
    if (cut === null) return;
    const kept = after.tombstones
      .filter((one) => one.kind === cut.kind && one.key === cut.key && one.act === cut.act)
      .find(({ item, entry }) => item === cut.item && !this.#entries.includes(entry));
    if (kept === undefined) {
      this.faults.push(`${email}: the vault keeps no cut of that people did (${cut.act})`);
      return;
    }
    this.#entries.push(kept.entry);
    if (cut.gives === null) this.#cuts.set(email, kept.entry);
    else this.#itemCuts.set(`${email} ${cut.gives}`, kept.entry);
  }

  reserved(actions: readonly StepAction[], approved: boolean): void {
    if (approved) this.#approved.push(...actions);
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
    const isApproved = this.#wasApproved(action) || approval != null;
    const says = (text: string): void => {
      this.faults.push(`${action.kind} ${email}: ${text}`);
    };
    const spends = (what: Spent, key: string): void => {
      if (!isApproved) this.#spend({ what, key, at: now });
    };
    this.#gives(action, reinstate, says);
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

  /** An item that people cut comes back by a step that names that cut, or one that they made since. */
  #gives(action: StepAction, reinstate: string | undefined, says: (text: string) => void): void {
    for (const item of itemsGivenBy(action)) {
      const cut = this.#itemCuts.get(item);
      if (cut === undefined) continue;
      const isNamed =
        reinstate !== undefined && this.#entries.indexOf(reinstate) >= this.#entries.indexOf(cut);
      if (!isNamed) says(`gives ${item}, which people cut (${cut}), and nothing names that`);
      this.#itemCuts.delete(item);
    }
  }

  /** An approved reservation is for the step that it has, once. */
  #wasApproved(action: StepAction): boolean {
    const index = this.#approved.findIndex((one) => sameValue(one, action));
    if (index < 0) return false;
    this.#approved.splice(index, 1);
    return true;
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

/** What the vault keeps of a cut. `gives`: what no step may give back, or null for the membership as a whole. */
interface CutOfPeople {
  readonly kind: 'Member' | 'Group';
  readonly key: string;
  readonly act: TombstoneAct;
  readonly item: string | null;
  readonly gives: string | null;
}

function cutBy(act: Act): CutOfPeople | null {
  const ofMember = (cut: TombstoneAct, item: string | null, gives: string | null): CutOfPeople => ({
    ...{ kind: 'Member', key: act.email },
    ...{ act: cut, item, gives },
  });
  if ('invitee' in act) return act.invitee === 'declines' ? ofMember('Declined', null, null) : null;
  if ('member' in act) return ofMember('Left', null, null);
  switch (act.owner) {
    case 'suspends':
      return ofMember('Suspended', null, null);
    case 'removes':
      return ofMember('Removed', null, null);
    case 'lowers the role of':
      return ofMember('RoleLowered', null, 'role');
    case 'takes the grant of':
      return ofMember('GrantRemoved', act.project, `grant ${act.project}`);
    case 'takes off the group':
      return {
        ...{ kind: 'Group', key: act.group, act: 'MembershipRemoved', item: act.email },
        gives: `in ${act.group}`,
      };
    default:
      return null;
  }
}

/** What a step gives that people can cut by itself, by person and item. */
function itemsGivenBy(action: StepAction): string[] {
  if (action.kind === 'UpdateGroup') {
    const { key, before, after } = action;
    return after.members
      .filter((email) => !before.members.includes(email))
      .map((email) => `${email} in ${key}`);
  }
  if (action.kind !== 'SetMemberAccess' && action.kind !== 'InviteMember') return [];
  const { key: email, before, after } = action;
  const had = new Set((before?.grants ?? []).map(({ project }) => project));
  const grants = after.grants.filter(({ project }) => !had.has(project));
  return [
    ...(after.role === 'Admin' && before?.role !== 'Admin' ? [`${email} role`] : []),
    ...grants.map(({ project }) => `${email} grant ${project}`),
  ];
}

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
