import { CELLS } from '#model/capabilities.ts';
import { whoCan, whoCanText } from '#questions/who-can.ts';
import { withObservation } from '../gitops/vault-observation.ts';
import { Failure } from '../terminal/failure.ts';
import { type AskOptions, printAnswer } from './asked.ts';

/** `seneschal who-can CELL [PROJECT]`: one request to the vault. */
export async function whoCanCommand(
  word: string,
  project: string | undefined,
  options: AskOptions,
): Promise<void> {
  const cell = CELLS.find(({ id }) => id.toLowerCase() === word.toLowerCase());
  if (cell === undefined) {
    const all = CELLS.map(({ id }) => `"${id}"`).join(', ');
    throw new Failure('Usage', `There is no cell ${word}.`, `The cells are ${all}.`);
  }
  if (project !== undefined && cell.scope === 'vault') {
    throw new Failure('Usage', `${cell.id} is of the whole vault.`, 'Leave the project out.');
  }
  await withObservation(options, async ({ observation }) => {
    const { state } = observation.snapshot;
    if (project !== undefined && !state.projects.some(({ name }) => name === project)) {
      const all = state.projects.map(({ name }) => name).join(', ');
      throw new Failure('Usage', `There is no project ${project}.`, `The vault has ${all || 'none'}.`);
    }
    const answer = whoCan(state, cell.id, project, Date.now());
    printAnswer(options.output, answer, () => whoCanText(answer));
  });
}
