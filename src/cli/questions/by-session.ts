/** The questions that the vault answers people too: who holds what, as far as their session may see it. */
import { pathTo } from '#protocol/request-path.ts';
import { asPerson, type PersonOptions } from '../person/as-person.ts';
import { allPages } from '../person/pages.ts';
import type { AskOptions } from './asked.ts';
import type { ShownMember } from './facts-by-session.ts';

/** By credentials, or without them by a person. */
export type EitherOptions = Omit<PersonOptions, 'connectTo'> &
  Omit<AskOptions, 'credentials'> & { readonly credentials?: string };

/** One member, or all who hold a cell; what the session may not see is refused. Throws Failure. */
export async function shownMembers(
  options: EitherOptions,
  query: { readonly member?: string; readonly cell?: string; readonly project?: string | undefined },
): Promise<readonly ShownMember[]> {
  let members: readonly ShownMember[] = [];
  await asPerson(options, async ({ ask }) => {
    const { rows } = await allPages<ShownMember>(ask, { path: pathTo`/access`, rows: 'members', query });
    members = rows;
  });
  return members;
}
