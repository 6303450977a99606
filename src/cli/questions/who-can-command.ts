import { CELLS } from '#model/capabilities.ts';
import { whoCan, whoCanText } from '#questions/who-can.ts';
import { withObservation } from '../gitops/vault-observation.ts';
import { Failure } from '../terminal/failure.ts';
import { printVersioned } from './asked.ts';
import { type EitherOptions, shownMembers } from './by-session.ts';

/** `seneschal who-can CELL [PROJECT]`: one request to the vault, or by a session a page each. */
export async function whoCanCommand(
  word: string,
  project: string | undefined,
  options: EitherOptions,
): Promise<void> {
  const cell = CELLS.find(({ id }) => id.toLowerCase() === word.toLowerCase());
  if (cell === undefined) {
    const all = CELLS.map(({ id }) => `"${id}"`).join(', ');
    throw new Failure('Usage', `There is no cell ${word}.`, `The cells are ${all}.`);
  }
  if (project !== undefined && cell.scope === 'vault') {
    throw new Failure('Usage', `${cell.id} is of the whole vault.`, 'Leave the project out.');
  }
  const { credentials } = options;
  if (credentials === undefined) {
    const members = await shownMembers(options, { cell: cell.id, project });
    const people = members.map(({ email, cells }) => ({ email, cells }));
    const answer = { cell: cell.id, project: project ?? null, people, machines: null };
    printVersioned(options.output, answer, () => whoCanText(answer));
    return;
  }
  await withObservation({ ...options, credentials }, null, async ({ observation }) => {
    const { state } = observation.snapshot;
    if (project !== undefined && !state.projects.some(({ name }) => name === project)) {
      const all = state.projects.map(({ name }) => name).join(', ');
      throw new Failure('Usage', `There is no project ${project}.`, `The vault has ${all || 'none'}.`);
    }
    const answer = whoCan(state, cell.id, project, Date.now());
    printVersioned(options.output, answer, () => whoCanText(answer));
  });
}
