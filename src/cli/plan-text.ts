/** A plan for people: what is held first, then what runs, who gains and loses what, and what is left. */
import type { AccessChange } from '../model/consequence.ts';
import type { PlanDocument, StepDocument } from './plan-document.ts';

/** More cells of one person than this are counted, not listed. */
const SHOWN = 6;

/** On the vault server people see metadata; machines read values (design §3). */
const LEGEND = 'People see names and metadata in the vault, never values; machines read values.';

export function planText(document: PlanDocument): string {
  const { organization, vaultId, revision, steps, held, findings, digest, observeOnly } = document;
  const of = (standing: StepDocument['standing']): StepDocument[] =>
    steps.filter((step) => step.standing === standing);
  const lines = [`${organization.namespace}/${organization.name} in ${vaultId}, revision ${revision}`];
  if (observeOnly !== null) lines.push('', `Nothing would run: ${observeOnly}.`);

  if (held.length > 0) lines.push('', 'Held:');
  const byHash = new Map(steps.map((step) => [step.hash, step]));
  for (const { rail, reason, message, next, digest, steps: hashes } of held) {
    lines.push(`  rail ${rail}, ${reason}: ${message}`, `    next: ${next}`);
    if (digest !== null) lines.push(`    digest: ${digest}`);
    for (const hash of hashes) {
      const step = byHash.get(hash);
      if (step !== undefined) lines.push(...stepLines(step, '    '));
    }
  }
  section(lines, 'To apply:', of('Run'));
  section(lines, 'Left to the operator:', of('Operator'));

  const notable = findings.filter(({ severity }) => severity !== 'Info');
  const notes = findings.filter(({ severity }) => severity === 'Info');
  for (const [title, list] of [
    ['Attention:', notable],
    ['Notes:', notes],
  ] as const) {
    if (list.length > 0) lines.push('', title);
    for (const { kind, key, place, reason, message, next } of list) {
      lines.push(`  ${kind} ${key}${place === null ? '' : ` (${place})`}: ${reason}: ${message}`);
      if (next !== '') lines.push(`    next: ${next}`);
    }
  }

  lines.push('', summary(of('Run').length, of('Held').length, of('Operator').length));
  if (steps.some(({ changes }) => changes.length > 0)) lines.push(LEGEND);
  if (digest !== null) lines.push(`To release what is held: seneschal approve ${digest}`);
  return lines.join('\n');
}

function section(lines: string[], title: string, steps: readonly StepDocument[]): void {
  if (steps.length === 0) return;
  lines.push('', title);
  for (const step of steps) lines.push(...stepLines(step, '  '));
}

function stepLines({ kind, key, why, loss, gain, changes, source }: StepDocument, indent: string): string[] {
  const sign = loss === null ? (gain ? '+' : '~') : gain ? '±' : '-';
  const weight = loss === null ? '' : ` [loss: ${loss.units} of ${loss.class}]`;
  const place = source?.place == null ? '' : `  (${source.place})`;
  return [
    `${indent}${sign} ${kind} ${key}${weight}: ${why}${place}`,
    ...changes.flatMap((change) => changeLines(change, key, `${indent}    `)),
  ];
}

function changeLines({ who, gained, lost }: AccessChange, key: string, indent: string): string[] {
  const subject = who === key ? '' : `${who} `;
  return [
    ...(gained.length > 0 ? [`${indent}${subject}gains ${listed(gained)}`] : []),
    ...(lost.length > 0 ? [`${indent}${subject}loses ${listed(lost)}`] : []),
  ];
}

function listed(cells: readonly string[]): string {
  const more = cells.length - SHOWN;
  return more > 0 ? `${cells.slice(0, SHOWN).join(', ')} and ${more} more` : cells.join(', ');
}

function summary(run: number, held: number, operator: number): string {
  if (run + held + operator === 0) return 'No changes.';
  const parts = [`${run} to apply`, `${held} held`];
  if (operator > 0) parts.push(`${operator} left to the operator`);
  return `${parts.join(', ')}.`;
}
