/** What else is lost by what a person is about to take: machines, people, secrets. Said before it is done. */
import { pathTo } from '#protocol/request-path.ts';
import { Failure } from '../terminal/failure.ts';
import type { Person } from './as-person.ts';
import { allPages } from './pages.ts';
import { Refused } from './person-connection.ts';

export interface MachineAccess {
  readonly name: string;
  readonly enabled: boolean;
  readonly access: readonly { readonly project: string; readonly secrets: readonly string[] }[];
}

interface MemberAccess {
  readonly email: string;
  readonly state: string;
  readonly template: string | null;
  readonly groups: readonly string[];
  readonly grants: readonly { readonly project: string }[];
}

/** Of secrets and projects: what was synced into a cluster is not in the vault. */
export const KEPT_IN_CLUSTERS =
  'Where Git declares it, it stays deleted before `reinstate` names the entry (rail 7); Kubernetes Secrets that hold its value keep it, but for targets with deletionPolicy: Delete.';

/** Of what else rail 7 knows. */
export const ANEW =
  'Where Git declares it, Git does not make it anew before `reinstate` names the entry (rail 7).';

/** Machines that read this secret, or any of the project; null: who asks may not see machines. */
export async function machinesOf(
  { ask }: Pick<Person, 'ask'>,
  project: string,
  secret: string | null,
): Promise<readonly string[] | null> {
  return unlessForbidden(async () => {
    const { rows } = await allPages<MachineAccess>(ask, { path: pathTo`/machines`, rows: 'machines' });
    return rows
      .filter(({ access }) =>
        access.some((of) => of.project === project && (secret === null || of.secrets.includes(secret))),
      )
      .map(({ name }) => name);
  });
}

/** `2 machines would lose it: a, b.` */
export function lostBy(machines: readonly string[] | null): string {
  if (machines === null) return 'Machines that you may not see would lose it.';
  if (machines.length === 0) return 'No machine reads it.';
  return `${counted(machines.length, 'machine')} would lose it: ${machines.join(', ')}.`;
}

/** What a member has; null: who asks may not see it. */
export function accessOfMember({ ask }: Pick<Person, 'ask'>, email: string): Promise<MemberAccess | null> {
  return unlessForbidden(async () => {
    const list = { path: pathTo`/access`, rows: 'members', query: { member: email } };
    const { rows } = await allPages<MemberAccess>(ask, list);
    return rows[0] ?? null;
  });
}

/**
 * The thing that a word names, by name or id, among all that the vault lists; null: who asks may not see them. Throws Failure
 * `Usage` where there is none.
 */
export async function namedIn<Row extends { readonly id: string; readonly name: string }>(
  list: () => Promise<readonly Row[]>,
  noun: string,
  wanted: string,
): Promise<Row | null> {
  const rows = await unlessForbidden(list);
  if (rows === null) return null;
  const found = rows.find(({ id, name }) => id === wanted || name === wanted);
  if (found !== undefined) return found;
  const next = `See which there are: seneschal vault ${noun} list`;
  throw new Failure('Usage', `There is no ${noun} ${wanted}.`, next);
}

/** `2 people`, `1 machine`. */
export function counted(count: number, noun: string): string {
  const many = noun === 'person' ? 'people' : `${noun}s`;
  return `${count} ${count === 1 ? noun : many}`;
}

/** The vault says nothing of what somebody may not see, or that it is not there. */
const UNSEEN: readonly number[] = [403, 404];

/**
 * What the vault answers; null: who asks may not see it, or it is not there. Throws Failure where the vault does not answer for
 * another reason: that nothing falls away is not to be believed then.
 */
export async function unlessForbidden<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Refused && UNSEEN.includes(error.status)) return null;
    throw error;
  }
}
