/**
 * Which audit entries an alert rule is about, and which rules there are from the beginning. Pure.
 *
 * Decides V4: what of automation the owner is told without asking for it.
 */
import type { Role } from '#model/organization.ts';
import type { Json } from '#model/record.ts';
import type { Actor } from '../act/actor.ts';
import type { AuditAction } from '../act/audit-actions.ts';
import type { AuditRecord } from '../act/context.ts';

export interface AlertRule {
  readonly name: string;
  readonly enabled: boolean;
  /** Audit actions, and prefixes that end in `.*`; `*`: all. */
  readonly actions: readonly string[];
  /** By whom; null: by anybody. */
  readonly actors: readonly Actor['type'][] | null;
  /** Active members of these roles are mailed, */
  readonly roles: readonly Role[];
  /** and those of these addresses. */
  readonly emails: readonly string[];
  /** Names of integrations. */
  readonly webhooks: readonly string[];
}

const BY_AUTOMATION = {
  enabled: true,
  actors: ['automation'],
  roles: ['Owner'],
  emails: [],
  webhooks: [],
} as const satisfies Partial<AlertRule>;

/**
 * V4, rail 2: what an automation identity could do to come by values, or to let somebody come by them, is told to the
 * owner of every vault, and which installation writes from now on by a person's word (rail 10). Each is the owner's to change,
 * and telling less is told to them too.
 */
export const BUILT_IN_RULES: readonly AlertRule[] = [
  {
    name: 'Automation makes machines',
    actions: [
      'machine.registered',
      'machine.access-set',
      'machine.key-added',
      'automation.key-added-unproven',
      'automation.machine-granted',
      'machine.enabled',
      'key.compromised',
    ] satisfies readonly AuditAction[],
    ...BY_AUTOMATION,
  },
  {
    name: 'Automation raises people',
    actions: [
      'member.invited',
      'invite.sent',
      'member.access-set',
      'member.unsuspended',
      'template.created',
      'template.updated',
      'group.created',
      'group.updated',
      'record.claimed',
      'record.released',
      'organization.settings-applied',
      'organization.taken-over',
      'organization.renamed',
    ] satisfies readonly AuditAction[],
    ...BY_AUTOMATION,
  },
  {
    name: 'The lease is handed over',
    actions: ['lease.handed-over'] satisfies readonly AuditAction[],
    ...BY_AUTOMATION,
    // By the owner or an approver: of whose session it is that the owner hears.
    actors: ['member'],
  },
];

/** Whether a rule of that name is there from the beginning. */
export function isBuiltIn(name: string): boolean {
  return BUILT_IN_RULES.some((rule) => rule.name === name);
}

/** Actions that the built-in rule as it was told the owner, of those whom it is about, and as it becomes tells no more; sorted. */
export function toldNoMore(before: AlertRule, after: AlertRule): readonly string[] {
  const own = BUILT_IN_RULES.find(({ name }) => name === after.name);
  const tells = (rule: AlertRule, action: string): boolean =>
    rule.roles.includes('Owner') && own?.actors?.every((actor) => isAbout(rule, action, actor)) === true;
  return (own?.actions ?? []).filter((action) => tells(before, action) && !tells(after, action)).toSorted();
}

/**
 * What the mail says first of all about an entry, because its reader may have to act: who is raised by what (rail 2),
 * that a key came without a proof, or that one is in wrong hands; null: nothing of that.
 */
export function urgencyOf({ action, details }: Pick<AuditRecord, 'action' | 'details'>): string | null {
  if (action === 'automation.key-added-unproven') return 'a key that no key of the machine vouches for';
  if (action === 'key.compromised') return `ended the key ${String(details?.fingerprint)} as compromised`;
  const raised = details?.raised;
  if (!Array.isArray(raised) || raised.length === 0) return null;
  return `raises ${raised.map(textOfRaise).join('; ')}`;
}

function textOfRaise(one: Json): string {
  const { who, raised } = one as { readonly who: string; readonly raised: readonly string[] };
  return `${who}: ${raised.join(', ')}`;
}

/** Whether a rule that is on is about the action of this type of actor. */
export function isAbout(
  { enabled, actions, actors }: Pick<AlertRule, 'enabled' | 'actions' | 'actors'>,
  action: string,
  actor: Actor['type'],
): boolean {
  if (!enabled || actors?.includes(actor) === false) return false;
  return actions.some((pattern) => means(pattern, action));
}

/** Whether an action is meant: by its name, by a prefix that ends in `.*`, or by `*`. */
export function means(pattern: string, action: string): boolean {
  return pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern;
}
