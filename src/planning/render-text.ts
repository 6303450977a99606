/**
 * A plan for people, at most about 100 columns: what is held first, then who leaves, then who gains and loses
 * what, then the rest. What it leaves open is counted elsewhere; empty where there is nothing to say.
 */

import type { AccessChange } from '#model/consequence.ts';
import { endText } from '#model/ends.ts';
import { provenanceText } from '#model/provenance-text.ts';
import { groupedCells } from './cells-text.ts';
import type { Finding, Held, OrganizationPlan, Source, Step } from './plan-types.ts';
import { approveCommand } from './release-command.ts';

/** On the vault server people see metadata; machines read values (design §3). */
const LEGEND = 'People see names and metadata in the vault, never values; machines read values.';

const WIDTH = 100;

export interface TextOptions {
  /** File and line of a declaration, where there is one. */
  readonly placeOf?: (source: Source) => string | null;
}

export function renderText(plan: OrganizationPlan, options: TextOptions = {}): string {
  const runs = new Set(plan.runnable.map(({ hash }) => hash));
  const held = new Set(plan.held.flatMap(({ steps }) => steps.map(({ hash }) => hash)));
  const settling = new Set(plan.pending.flatMap(({ steps }) => steps.map(({ hash }) => hash)));
  const queued = new Set(
    plan.findings.filter(isQueued).map(({ subject: { kind, key } }) => `${kind}/${key}`),
  );
  const free = plan.steps.filter(({ hash }) => !held.has(hash));
  const recordOwner = (step: Step): string => {
    if (settling.has(step.hash)) return ' (waits for quiet)';
    if (queued.has(`${step.subject.kind}/${step.subject.key}`) && !runs.has(step.hash))
      return ' (waits for its turn)';
    const stands = step.executor === 'operator' || runs.has(step.hash) || held.has(step.hash);
    return stands ? '' : ' (follows a step that does not run yet)';
  };
  const line = (step: Step): string[] => stepLines(step, recordOwner(step), options);
  const told = (findings: readonly Finding[]): string[] => findingLines(findings, options);

  const leaving = free.filter(({ action }) => LEAVES.has(action.kind));
  const staying = free.filter(({ action }) => !LEAVES.has(action.kind));
  const changes = free.flatMap(({ consequence }) => consequence.changes);
  const notes = plan.findings.filter((finding) => finding.severity === 'Info' && !isRotation(finding));
  const blocks: string[][] = [
    ...plan.held.map((hold) => heldBlock(hold, line)),
    ...plan.pending.map(({ class: lossClass, steps, dueAt }) => [
      `Waiting for quiet (rail 1): ${counted(steps.length, 'loss', 'losses')} of ${lossClass}, until ${time(dueAt)}`,
    ]),
    titled('Leaving', leaving.flatMap(line)),
    titled('Who gains (+) and who loses (-) access', peopleLines(changes)),
    titled('Who manages what from here on, of what was in the vault', managedLines(plan)),
    titled('Rotate afterwards (M2)', told(plan.findings.filter(isRotation))),
    titled('Steps', staying.filter(({ executor }) => executor === 'engine').flatMap(line)),
    titled('Left to the operator', staying.filter(({ executor }) => executor === 'operator').flatMap(line)),
    titled('Needs attention', told(plan.findings.filter(({ severity }) => severity !== 'Info'))),
    titled('Notes', told(notes)),
  ];
  const parts = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'));
  const after = afterwards(plan);
  const all = after === '' ? parts : [...parts, after];
  return all.length === 0 ? '' : `${all.join('\n\n')}\n`;
}

const LEAVES = new Set(['RemoveMember', 'CancelInvite', 'DisableMachine', 'RevokeMachine', 'DeleteProject']);

function isRotation({ reason }: Finding): boolean {
  return reason === 'RotationAdvised';
}

function isQueued({ reason }: Finding): boolean {
  return reason === 'InviteQueued' || reason === 'ProjectQueued';
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

/** A line for each kind and former namespace. */
function managedLines({ managed }: OrganizationPlan): string[] {
  const alike = new Map<string, string[]>();
  for (const { kind, key, origin, before } of managed) {
    const line = `namespace ${origin}, ${before === null ? 'so far nobody' : `so far namespace ${before}`}: ${kind}`;
    alike.set(line, [...(alike.get(line) ?? []), key]);
  }
  return [...alike].flatMap(([line, keys]) => wrapped(`${line} ${keys.join(', ')}`, '  '));
}

function stepLines(step: Step, recordOwner: string, { placeOf }: TextOptions): string[] {
  const { action, why, consequence, source } = step;
  const sign = consequence.loss === null ? (consequence.gain ? '+' : '~') : consequence.gain ? '±' : '-';
  const place = source === null ? null : (placeOf?.(source) ?? null);
  // A place says the path.
  const claim =
    source === null
      ? null
      : provenanceText(place === null ? source.provenance : { ...source.provenance, path: undefined });
  return [
    ...wrapped(`${sign} ${action.kind} ${action.key}: ${why}${recordOwner}${placed(place)}`, '  '),
    ...(claim === null ? [] : wrapped(`claimed: ${claim}`, '      ')),
  ];
}

function placed(place: string | null): string {
  return place === null ? '' : ` (${place})`;
}

/** All changes of a person or machine together; those who gain and lose the same stand in one place. */
function peopleLines(changes: readonly AccessChange[]): string[] {
  const byWho = new Map<string, { gained: Set<string>; lost: Set<string> }>();
  for (const { who, gained, lost, until = {} } of changes) {
    const of = byWho.get(who) ?? { gained: new Set(), lost: new Set() };
    const ended = (cell: string, words: string) =>
      until[cell] === undefined ? cell : `${cell} ${words} ${endText(until[cell])}`;
    for (const cell of gained) of.gained.add(ended(cell, 'until'));
    for (const cell of lost) of.lost.add(ended(cell, 'from'));
    byWho.set(who, of);
  }
  const alike = new Map<string, string[]>();
  for (const [who, { gained, lost }] of byWho) {
    const lines = [...cellLines('+', [...gained]), ...cellLines('-', [...lost])].join('\n');
    if (lines !== '') alike.set(lines, [...(alike.get(lines) ?? []), who]);
  }
  return [...alike].flatMap(([lines, who]) => [...wrapped(who.join(', '), '  '), lines]);
}

/** Each group of cells stays whole. */
function cellLines(sign: string, cells: readonly string[]): string[] {
  if (cells.length === 0) return [];
  const grouped = groupedCells(cells);
  const pieces = grouped.map((cell, index) => (index < grouped.length - 1 ? `${cell};` : cell));
  return filled([sign, ...pieces], '    ');
}

/** The same said of several objects is said once. */
function findingLines(findings: readonly Finding[], { placeOf }: TextOptions): string[] {
  const alike = new Map<string, { finding: Finding; subjects: string[] }>();
  for (const finding of findings) {
    const { subject, source, reason, message, next } = finding;
    const place = source === null ? null : (placeOf?.(source) ?? null);
    const name = `${subject.kind} ${subject.key}${placed(place)}`;
    const key = JSON.stringify([reason, message, next]);
    const others = alike.get(key);
    if (others === undefined) alike.set(key, { finding, subjects: [name] });
    else others.subjects.push(name);
  }
  return [...alike.values()].flatMap(({ finding: { reason, message, next }, subjects }) => [
    ...wrapped(`${subjects.join(', ')}: ${reason}: ${message}`, '  '),
    ...(next === '' ? [] : wrapped(`next: ${next}`, '    ')),
  ]);
}

/** What the cells mean, and the command that releases all that is held. */
function afterwards({ steps, digest }: OrganizationPlan): string {
  const changes = steps.some(({ consequence }) => consequence.changes.length > 0);
  return [
    ...(changes ? [LEGEND] : []),
    ...(digest === null ? [] : ['To release all that is held:', `  ${approveCommand(digest)}`]),
  ].join('\n');
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function time(at: number): string {
  return new Date(at).toISOString();
}

/** Breaks at spaces; a command to copy stays whole, though it may be longer than the line. */
function wrapped(text: string, indent: string): string[] {
  const command = /(?<=: )seneschal .*$/.exec(text)?.[0];
  const words = (command === undefined ? text : text.slice(0, -command.length - 1)).split(' ');
  return filled(command === undefined ? words : [...words, command], indent);
}

function filled(pieces: readonly string[], indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const piece of pieces) {
    if (line.trim() !== '' && line.length + 1 + piece.length > WIDTH) {
      lines.push(line);
      line = `${indent}    ${piece}`;
    } else {
      line = line.trim() === '' ? `${line}${piece}` : `${line} ${piece}`;
    }
  }
  return [...lines, line];
}
