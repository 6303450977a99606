/** The text of a snapshot as it goes over the wire: made part by part, so that the state is never there as a whole. */
import type { SharedState, StateParts } from './organization-state.ts';
import { Turn } from './turns.ts';

/** Characters of a piece, about. */
const PIECE = 32 * 1024;

/** JSON of the state without its last brace, for the ceilings to follow. */
export async function snapshotText(parts: StateParts): Promise<Uint8Array[]> {
  const turn = new Turn();
  const pieces: Uint8Array[] = [];
  let text = '';
  const write = async (more: string): Promise<void> => {
    text += more;
    if (text.length < PIECE) return;
    pieces.push(Buffer.from(text));
    text = '';
    await turn.pause();
  };
  let before = '{';
  for (const [name, read] of Object.entries(parts) as [string, () => SharedState[keyof SharedState]][]) {
    const value: unknown = await read();
    await write(`${before}${JSON.stringify(name)}:`);
    if (Array.isArray(value)) {
      await write('[');
      for (const [index, item] of value.entries())
        await write((index === 0 ? '' : ',') + JSON.stringify(item));
      await write(']');
    } else await write(JSON.stringify(value));
    before = ',';
  }
  return [...pieces, Buffer.from(text)];
}
