/** Rail 7 for scopes that a person changes: what is less is cut, what is given back answers that much of the cuts. */

import type { ProjectScope } from '#model/organization.ts';
import { addedProjects } from '#model/revocations.ts';
import type { Act } from '../act/context.ts';
import {
  clearTombstones,
  type Revocation,
  recordItemTombstones,
  recordTombstone,
} from '../managed/tombstones.ts';

type Subject = Pick<Revocation, 'kind' | 'key'>;

/** `entry`: of the change. A list that became shorter is cut project by project, all projects as a whole. */
export async function buryScope(
  act: Act,
  entry: string,
  subject: Subject,
  { before, after }: { readonly before: ProjectScope | null; readonly after: ProjectScope | null },
): Promise<void> {
  const lost = addedProjects(before, after);
  const revocation = { ...subject, act: 'ScopeNarrowed' } as const;
  if (lost === 'All') await recordTombstone(act, entry, { ...revocation, item: null });
  else await recordItemTombstones(act, entry, revocation, lost);
}

/** All cuts are answered by all projects alone: a longer list is still less than there was. */
export async function answerScope(
  act: Act,
  subject: Subject,
  { before, after }: { readonly before: ProjectScope | null; readonly after: ProjectScope | null },
): Promise<void> {
  const given = addedProjects(after, before);
  await clearTombstones(act, subject, ['ScopeNarrowed'], given === 'All' ? undefined : given);
}
