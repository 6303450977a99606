/**
 * A plan for a pull request: what needs approval first, then who is taken away, who is raised, who gains or loses what;
 * the rest is folded. Of one document always the same bytes.
 */

import { endText } from '#model/ends.ts';
import { groupedCells } from '#planning/cells-text.ts';
import { approveCommand } from '#planning/release-command.ts';
import type { PlanDocument, StepDocument } from './plan-document.ts';

/** What a comment of the usual hosts takes, with room for what a pipeline writes around it. */
export const MARKDOWN_LIMIT = 60_000;

export interface MarkdownOptions {
  /** Names of people and things are numbers of their kind: for repositories that everybody reads. */
  readonly redact: boolean;
}

const LEGEND = 'People see names and metadata in the vault, never values; machines read values.';
const TAKES_AWAY = new Set([
  ...['RemoveMember', 'CancelInvite', 'SuspendMember', 'DeleteGroup', 'DeleteProject', 'DeleteTemplate'],
  ...['DisableMachine', 'RevokeMachine'],
]);

/** `summary`: the last line of the plan as text. */
export function planMarkdown(document: PlanDocument, summary: string, { redact }: MarkdownOptions): string {
  const { organization, vaultId, revision, digest, steps, observeOnly } = document;
  const names = new Names(redact);
  const title = redact ? 'Plan' : `Plan for ${code(`${organization.namespace}/${organization.name}`)}`;
  const head = [
    `### ${title}`,
    '',
    `${redact ? 'Revision' : `Vault ${code(vaultId)}, revision`} ${revision}. ${prose(summary)}`,
    ...(observeOnly === null ? [] : ['', `**Nothing would run:** ${code(observeOnly)}.`]),
  ];
  const sections = [
    section('Needs approval', [
      ...document.held.flatMap((hold) => heldLines(hold, steps, names)),
      ...(digest === null ? [] : ['', fence(approveCommand(digest))]),
    ]),
    section(
      'Taken away',
      stepLines(
        steps.filter(({ kind }) => TAKES_AWAY.has(kind)),
        names,
      ),
    ),
    section('Raised', raisedLines(steps, names)),
    section('Who gains (+) and who loses (-) access', accessLines(steps, names)),
  ].filter((lines) => lines.length > 0);
  const folded = [
    fold(`All steps (${steps.length})`, stepLines(steps, names)),
    fold(`Open once this is done (${document.open.items.length})`, openLines(document, names)),
  ].filter(({ lines }) => lines.length > 0);
  const tail = steps.some(({ changes }) => changes.length > 0) ? ['', `_${LEGEND}_`] : [];
  return cutOff([...head, ...sections.flatMap((lines) => ['', ...lines])], folded, tail);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`#### ${title}`, '', ...lines];
}

interface Fold {
  readonly title: string;
  readonly lines: readonly string[];
}

function fold(title: string, lines: readonly string[]): Fold {
  return { title, lines };
}

function heldLines(
  hold: PlanDocument['held'][number],
  steps: readonly StepDocument[],
  names: Names,
): string[] {
  const held = new Set(hold.steps);
  const said = names.areShown ? ` ${prose(hold.message)} ${prose(hold.next.split('\n')[0] ?? '')}` : '';
  return [
    `- **rail ${hold.rail}** (${code(hold.reason)}):${said}`,
    ...stepLines(
      steps.filter(({ hash }) => held.has(hash)),
      names,
    ).map((line) => `  ${line}`),
  ];
}

function stepLines(steps: readonly StepDocument[], names: Names): string[] {
  return steps.map(({ kind, key, why, standing, source }) => {
    const place = source?.place == null || !names.areShown ? '' : ` (${code(source.place)})`;
    const because = names.areShown ? `: ${prose(why)}` : '';
    const stands = standing === 'Run' ? '' : ` _${standing === 'Held' ? 'waits' : 'left to the operator'}_`;
    return `- ${kind} ${names.of(kindOfStep(kind), key)}${because}${place}${stands}`;
  });
}

function raisedLines(steps: readonly StepDocument[], names: Names): string[] {
  const raised = new Map<string, Set<string>>();
  for (const { who, raised: texts } of steps.flatMap(({ changes }) => changes)) {
    if (texts.length > 0) raised.set(who, new Set([...(raised.get(who) ?? []), ...texts]));
  }
  return [...raised].map(([who, texts]) =>
    names.areShown
      ? `- ${names.of('who', who)}: ${[...texts].map(prose).join('; ')}`
      : `- ${names.of('who', who)}`,
  );
}

function accessLines(steps: readonly StepDocument[], names: Names): string[] {
  const byWho = new Map<string, { gained: Set<string>; lost: Set<string>; ends: Map<string, number> }>();
  for (const { who, gained, lost, until = {} } of steps.flatMap(({ changes }) => changes)) {
    const of = byWho.get(who) ?? { gained: new Set(), lost: new Set(), ends: new Map() };
    for (const cell of gained) of.gained.add(cell);
    for (const cell of lost) of.lost.add(cell);
    for (const [cell, end] of Object.entries(until)) of.ends.set(cell, end);
    byWho.set(who, of);
  }
  return [...byWho].flatMap(([who, { gained, lost, ends }]) => {
    if (!names.areShown) return [`- ${names.of('who', who)}: + ${gained.size}, - ${lost.size}`];
    const bounded = [...ends].map(([cell, end]) => `${prose(cell)} until ${endText(end)}`);
    return [
      `- ${names.of('who', who)}`,
      ...groupedCells([...gained]).map((cells) => `  - \\+ ${prose(cells)}`),
      ...groupedCells([...lost]).map((cells) => `  - \\- ${prose(cells)}`),
      ...(bounded.length === 0 ? [] : [`  - ${bounded.join('; ')}`]),
    ];
  });
}

function openLines({ open }: PlanDocument, names: Names): string[] {
  return open.items.map(({ standing, reason, kind, keys, message, next }) => {
    const named = keys.map((key) => names.of(kind, key)).join(', ');
    const said = names.areShown ? `: ${prose(message)} ${prose(next.split('\n')[0] ?? '')}`.trimEnd() : '';
    return `- ${standing} (${code(reason)}) ${kind} ${named}${said}`;
  });
}

/** Names as they are, or as numbers: the same name has the same number in the whole plan. */
class Names {
  readonly areShown: boolean;
  readonly #numbers = new Map<string, number>();

  constructor(redact: boolean) {
    this.areShown = !redact;
  }

  of(kind: string, name: string): string {
    if (this.areShown) return code(name);
    const number = this.#numbers.get(name) ?? this.#numbers.size + 1;
    this.#numbers.set(name, number);
    return kind === 'Organization' ? 'the organization' : `No. ${number}`;
  }
}

function kindOfStep(kind: string): string {
  return kind === 'RenameOrganization' || kind === 'ApplySettings' || kind === 'TakeOver'
    ? 'Organization'
    : kind;
}

/** As code, whatever is in it: a fence of one backtick more than the longest run within. */
function code(text: string): string {
  const plain = text.replaceAll(/\s+/g, ' ');
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = '`'.repeat(longest + 1);
  return longest === 0 ? `${ticks}${plain}${ticks}` : `${ticks} ${plain} ${ticks}`;
}

/** As text, whatever is in it: no markup, no HTML, and nobody is called by an `@`. */
function prose(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_{}[\]<>#|~&]/g, (character) => `\\${character}`)
    .replaceAll(/(?<![\w.])@/g, '&#64;')
    .trim();
}

function fence(command: string): string {
  return `\`\`\`sh\n${command}\n\`\`\``;
}

/** Whole lines up to the limit: the folded ones go first, and what is left out is counted. */
function cutOff(head: readonly string[], folds: readonly Fold[], tail: readonly string[]): string {
  const room = MARKDOWN_LIMIT - 500 - lengthOf(tail);
  const shown = fitting(head, room);
  let left = room - lengthOf(shown.lines);
  let more = shown.more;
  const folded = folds.flatMap(({ title, lines }) => {
    const frame = ['', '<details>', `<summary>${title}</summary>`, '', '', '</details>'];
    const inner = more > 0 ? { lines: [], more: lines.length } : fitting(lines, left - lengthOf(frame));
    more += inner.more;
    if (inner.lines.length === 0) return [];
    left -= lengthOf(frame) + lengthOf(inner.lines);
    return [...frame.slice(0, 4), ...inner.lines, ...frame.slice(4)];
  });
  const note = more === 0 ? [] : ['', `_${more} more lines: \`seneschal plan\` prints them all._`];
  return `${[...shown.lines, ...folded, ...note, ...tail].join('\n')}\n`;
}

function fitting(
  lines: readonly string[],
  room: number,
): { readonly lines: readonly string[]; readonly more: number } {
  let left = room;
  const count = lines.findIndex((line) => {
    left -= line.length + 1;
    return left < 0;
  });
  return count < 0 ? { lines, more: 0 } : { lines: lines.slice(0, count), more: lines.length - count };
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
