/** The name that the vault wants typed where something is deleted, also of what was named by its id. */
import type { RequestPath } from '#protocol/request-path.ts';
import type { Person } from './as-person.ts';
import { allPages } from './pages.ts';

/** `given` itself, or the name of what has it as its id in this list. */
export async function typedName(
  ask: Person['ask'],
  list: { readonly path: RequestPath; readonly rows: string },
  given: string,
): Promise<string> {
  if (!/^(?:proj|sk)_[A-Za-z0-9]+$/.test(given)) return given;
  const { rows } = await allPages<{ readonly id: string; readonly name: string }>(ask, list);
  return rows.find(({ id }) => id === given)?.name ?? given;
}
