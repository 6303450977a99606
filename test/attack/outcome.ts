/** What came of the calls of a scenario, and whether that is what its half says. Pure. */

/** One call; `text` is what was answered: `403 Forbidden`, `VaultMoved`, `200`. */
export type Outcome =
  | { readonly call: string; readonly is: 'refused'; readonly text: string }
  | { readonly call: string; readonly is: 'done'; readonly text: string };

export type Half = 'attack' | 'control';

export const refused = (call: string, text: string): Outcome => ({ call, is: 'refused', text });
export const done = (call: string, text: string): Outcome => ({ call, is: 'done', text });

/** Of an answer over HTTP: its status, with the code of a problem document, or the sentence of the machine plane. */
export function ofAnswer(
  call: string,
  { status, body }: { readonly status: number; readonly body: unknown },
): Outcome {
  if (status < 300) return done(call, String(status));
  const { code, error } = (body ?? {}) as { readonly code?: string; readonly error?: string };
  return refused(call, [status, code ?? error ?? []].flat().join(' '));
}

/** Of a step, as `TestVault.step` answers it: `Done`, or the code that it was refused with. */
export function ofStep(call: string, said: string): Outcome {
  return said === 'Done' ? done(call, said) : refused(call, said);
}

/**
 * What is wrong, a line each. Of an attack: a call that went through, one that was refused by something else than
 * `expected`, and a text of `expected` that nothing was refused with. Of a control: a call that was refused.
 */
export function faultsOf(half: Half, outcomes: readonly Outcome[], expected: readonly string[]): string[] {
  if (outcomes.length === 0) return ['no call was made'];
  const wrong = outcomes.flatMap(({ call, is, text }) => {
    if (half === 'control') return is === 'done' ? [] : [`${call}: refused, ${text}`];
    if (is === 'done') return [`${call}: went through, ${text}`];
    return expected.includes(text)
      ? []
      : [`${call}: refused by ${text}, and not by ${expected.join(' or ')}`];
  });
  if (half === 'control') return wrong;
  const seen = new Set(outcomes.map(({ text }) => text));
  return [
    ...wrong,
    ...expected.filter((text) => !seen.has(text)).map((text) => `nothing was refused by ${text}`),
  ];
}
