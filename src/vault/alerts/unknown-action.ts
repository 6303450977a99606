/** Whether an alert rule names what the audit log has, and what may have been meant where it does not. Pure. */
import { closeTo } from '#model/close-to.ts';
import { AUDIT_ACTIONS } from '../act/audit-actions.ts';
import { means } from './matching.ts';

const ACTIONS = Object.keys(AUDIT_ACTIONS);
const NOUNS = [...new Set(ACTIONS.map((action) => nounOf(action)))];

/** What is said of a pattern that means no action; null: it means one. */
export function unknownAction(pattern: string): string | null {
  if (ACTIONS.some((action) => means(pattern, action))) return null;
  return `No entry of the audit log has the action ${pattern}: ${meantBy(pattern)}`;
}

function meantBy(pattern: string): string {
  const near = closeTo(pattern, [...ACTIONS, ...NOUNS.map((noun) => `${noun}.*`)]);
  if (near !== undefined) return `did you mean ${near}?`;
  const noun = nounOf(pattern);
  if (!NOUNS.includes(noun)) return `they begin with ${NOUNS.join(', ')}.`;
  return `of ${noun} there are ${ACTIONS.filter((action) => nounOf(action) === noun).join(', ')}.`;
}

function nounOf(action: string): string {
  return action.split('.')[0] ?? action;
}
