/** An organization of many people at rest, under the default rails, with an operator that nothing stops. */
import { type Command, emailOf, type ObjectName, type Start } from '../membership/commands.ts';
import { History } from '../membership/history.ts';
import { openOracle } from '../membership/memory.ts';

const WEEK = 7 * 24 * 3600;

export function named(people: number): readonly string[] {
  return Array.from({ length: people }, (_, index) => `person-${String(index).padStart(3, '0')}`);
}

export function memberNamed(name: string): ObjectName {
  return { kind: 'Member', namespace: 'acme', name };
}

/** So many people who joined more than a week ago, the first of them an admin. */
export function calm(people: number, more: Partial<Start> = {}): Promise<History> {
  return History.begin(openOracle, {
    manager: 'Operator',
    rails: { privilegeApproval: 'Never' },
    listsTeam: false,
    invitesPerHour: 1000,
    invitesPerDay: 1000,
    founders: named(people),
    ...more,
  });
}

/** The commands as one commit, and passes until nothing happens any more. */
export async function commit(history: History, commands: readonly Command[]): Promise<void> {
  for (const command of commands) await history.take(command);
  const faults = await history.rest();
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

/** Whole weeks go by, with passes in between. */
export async function weeks(history: History, count: number): Promise<void> {
  for (let week = 0; week < count; week++) await commit(history, [{ clock: 'goes on', seconds: WEEK }]);
}

/** Who is in the organization, the owner aside; by the names of `named`. */
export async function present(history: History): Promise<readonly string[]> {
  const { members, owner } = await history.state();
  return members.flatMap(({ email }) => (email === owner ? [] : [email.slice(0, email.indexOf('@'))]));
}

export const removals = (names: readonly string[]): string[] =>
  names.map((name) => `RemoveMember ${emailOf(name)}`);

export const deletes = (names: readonly string[]): Command[] =>
  names.map((name) => ({ git: 'delete', object: memberNamed(name) }));
