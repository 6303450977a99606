/**
 * A plan for people, at most about 100 columns: what is held first, then who leaves, then who gains and loses
 * what, then the rest.
 */
import type { AccessChange } from '../model/consequence.ts';
import type { Provenance } from '../model/record.ts';
import type { Finding, Held, OrganizationPlan, Source, Step } from './types.ts';

/** On the vault server people see metadata; machines read values (design §3). */
const LEGEND = 'People see names and metadata in the vault, never values; machines read values.';

/** More cells than this are counted, not listed. */
const CELLS_SHOWN = 4;
const WIDTH = 100;

export interface TextOptions {
  /** File and line of a declaration, where there is one. */
  readonly placeOf?: (source: Source) => string | null;
}

export function renderText(plan: OrganizationPlan, options: TextOptions = {}): string {
  const runs = new Set(plan.runnable.map(({ hash }) => hash));
  const held = new Set(plan.held.flatMap(({ steps }) => steps.map(({ hash }) => hash)));
  const settling = new Set(plan.pending.flatMap(({ steps }) => steps.map(({ hash }) => hash)));
  const free = plan.steps.filter(({ hash }) => !held.has(hash));
  const standing = (step: Step): string => {
    if (step.executor === 'operator') return ' (left to the operator)';
    if (settling.has(step.hash)) return ' (waits for quiet)';
    return runs.has(step.hash) || held.has(step.hash) ? '' : ' (follows a step that does not run yet)';
  };
  const line = (step: Step): string[] => stepLines(step, standing(step), options);

  const leaving = free.filter(({ action }) => LEAVES.has(action.kind));
  const staying = free.filter(({ action }) => !LEAVES.has(action.kind));
  const changes = staying.flatMap(({ consequence }) => consequence.changes);
  const blocks: string[][] = [
    ...plan.held.map((hold) => heldBlock(hold, line)),
    ...plan.pending.map(({ class: lossClass, steps, dueAt }) => [
      `Waiting for quiet (rail 1): ${counted(steps.length, 'loss', 'losses')} of ${lossClass}, until ${time(dueAt)}`,
    ]),
    titled('Leaving', leaving.flatMap(line)),
    titled('Who gains (+) and who loses (-) access', [
      ...peopleLines(changes),
      ...(changes.length > 0 ? [`  ${LEGEND}`] : []),
    ]),
    titled('Rotate afterwards (M2)', findingLines(plan.findings.filter(isRotation))),
    titled('Steps', staying.flatMap(line)),
    titled('Needs attention', findingLines(plan.findings.filter(({ severity }) => severity !== 'Info'))),
    titled('Notes', findingLines(plan.findings.filter((f) => f.severity === 'Info' && !isRotation(f)))),
  ];
  const parts = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'));
  return `${[...parts, summary(plan, runs.size)].join('\n\n')}\n`;
}

const LEAVES = new Set(['RemoveMember', 'CancelInvite', 'DisableMachine', 'RevokeMachine', 'DeleteProject']);

function isRotation({ reason }: Finding): boolean {
  return reason === 'RotationAdvised';
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines];
}

function heldBlock(hold: Held, line: (step: Step) => string[]): string[] {
  return [
    ...wrapped(`HELD by rail ${hold.rail} (${hold.reason}): ${hold.message}`, ''),
    ...wrapped(`next: ${hold.next}`, '  '),
    ...hold.steps.flatMap(line),
    ...peopleLines(hold.steps.flatMap(({ consequence }) => consequence.changes)),
  ];
}

function stepLines(step: Step, standing: string, { placeOf }: TextOptions): string[] {
  const { action, why, consequence, source } = step;
  const sign = consequence.loss === null ? (consequence.gain ? '+' : '~') : consequence.gain ? '±' : '-';
  const place = source === null ? null : (placeOf?.(source) ?? null);
  const claim = source === null ? null : provenanceText(source.provenance);
  const from = [place, claim].filter((text) => text !== null).join(', ');
  return [
    ...wrapped(`${sign} ${action.kind} ${action.key}: ${why}${standing}`, '  '),
    ...(from === '' ? [] : wrapped(`from ${from}`, '      ')),
  ];
}

/** A4: what Git tooling claims, and shown as such. */
function provenanceText({ commit, path, author, changeUrl }: Provenance): string | null {
  const parts = [
    commit === undefined ? null : `commit ${commit.slice(0, 12)}`,
    path ?? null,
    author === undefined ? null : `by ${author}`,
    changeUrl ?? null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : `claimed: ${parts.join(', ')}`;
}

/** All changes of a person or machine together, in the order in which they appear. */
function peopleLines(changes: readonly AccessChange[]): string[] {
  const byWho = new Map<string, { gained: Set<string>; lost: Set<string> }>();
  for (const { who, gained, lost } of changes) {
    const of = byWho.get(who) ?? { gained: new Set(), lost: new Set() };
    for (const cell of gained) of.gained.add(cell);
    for (const cell of lost) of.lost.add(cell);
    byWho.set(who, of);
  }
  return [...byWho].flatMap(([who, { gained, lost }]) => [
    `  ${who}`,
    ...(gained.size > 0 ? wrapped(`+ ${shown([...gained])}`, '    ') : []),
    ...(lost.size > 0 ? wrapped(`- ${shown([...lost])}`, '    ') : []),
  ]);
}

function shown(cells: readonly string[]): string {
  const more = cells.length - CELLS_SHOWN;
  return more > 0 ? `${cells.slice(0, CELLS_SHOWN).join(', ')} and ${more} more` : cells.join(', ');
}

function findingLines(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ subject, reason, message, next }) => [
    ...wrapped(`${subject.kind} ${subject.key}: ${reason}: ${message}`, '  '),
    ...(next === '' ? [] : wrapped(`next: ${next}`, '    ')),
  ]);
}

function summary({ steps, held, pending, digest }: OrganizationPlan, runs: number): string {
  if (steps.length === 0) return 'No changes.';
  const waits = pending.reduce((sum, group) => sum + group.steps.length, 0);
  const holds = held.reduce((sum, hold) => sum + hold.steps.length, 0);
  const counts = [counted(steps.length, 'step', 'steps'), `${runs} to run`];
  if (waits > 0) counts.push(`${waits} waiting for quiet`);
  if (holds > 0) counts.push(`${holds} held`);
  const release = digest === null ? '' : `\nTo release all that is held:\n  seneschal approve ${digest}`;
  return `${counts.join(', ')}.${release}`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function time(at: number): string {
  return new Date(at).toISOString();
}

/** Breaks at spaces; a single word may be longer than the line (a digest, a command to copy). */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = `${indent}    ${word}`;
    } else {
      line = line.trim() === '' ? `${line}${word}` : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
