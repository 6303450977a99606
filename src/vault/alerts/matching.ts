/** Which audit entries an alert rule is about. Pure. */

import type { Role } from '#model/organization.ts';
import type { Actor } from '../act/actor.ts';

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

/** V4: what an automation identity could do to come by values is told to the owner, unless the owner says otherwise. */
export const DEFAULT_RULE: AlertRule = {
  name: 'Automation makes machines',
  enabled: true,
  actions: ['machine.registered', 'machine.access-set', 'machine.key-added', 'automation.machine-granted'],
  actors: ['automation'],
  roles: ['Owner'],
  emails: [],
  webhooks: [],
};

/** Whether a rule that is on is about the action of this type of actor. */
export function isAbout(
  { enabled, actions, actors }: Pick<AlertRule, 'enabled' | 'actions' | 'actors'>,
  action: string,
  actor: Actor['type'],
): boolean {
  if (!enabled || actors?.includes(actor) === false) return false;
  return actions.some((pattern) =>
    pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern,
  );
}
