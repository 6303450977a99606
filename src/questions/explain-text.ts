/** An explanation for people. Pure; the same bytes for the same answer. */
import type { AccessPath } from '#model/access.ts';
import { endText } from '#model/ends.ts';
import type { ExplainedCell } from '#model/explanation.ts';
import type { Provenance } from '#model/record.ts';
import type { Explanation, MachineReader, Readings } from './explain.ts';
import type { ManagedBy, Unseen } from './facts.ts';
import { cutText } from './import/left-out.ts';
import type { HeldCell, Holder } from './people.ts';
import type { Since } from './since.ts';

export function explanationText(explanation: Explanation): string {
  return [...headOf(explanation), ...bodyOf(explanation), ...tailOf(explanation)].join('\n');
}

function headOf(one: Explanation): string[] {
  const managed = declaredText(one.managed);
  switch (one.kind) {
    case 'person': {
      const { role, state, template, joinedAt, expiresAt, awaits } = one.member;
      return [
        `${one.email}: ${role}, ${state}${awaits === undefined ? '' : `, awaits ${awaits}`}`,
        ...line('', managed),
        ...line('joined ', joinedAt === undefined ? null : endText(joinedAt)),
        ...line('ends ', expiresAt === undefined ? null : endText(expiresAt)),
        ...line('template ', template),
        ...line('groups ', one.groups.length === 0 ? null : one.groups.join(', ')),
      ];
    }
    case 'machine': {
      const standing = one.approved ? (one.enabled ? 'enabled' : 'disabled') : 'waits for approval';
      return [`machine ${one.name}: ${standing}`, ...line('', managed)];
    }
    case 'secret':
      return [`secret ${one.project}/${one.name}: version ${one.version}`, ...line('project ', managed)];
    case 'project':
    case 'group':
      return [
        `${one.kind} ${one.name}${one.description === '' ? '' : `: ${one.description}`}`,
        ...line('', managed),
      ];
  }
}

function bodyOf(one: Explanation): string[] {
  switch (one.kind) {
    case 'person':
      return [
        ...cellsText(one.cells),
        ...section(
          'May have the private half of:',
          one.keys?.map(({ machine, fingerprint }) => `${machine} ${fingerprint}`) ?? [],
        ),
      ];
    case 'machine':
      return [
        ...section(
          'Keys:',
          one.keys.map(
            ({ fingerprint, maker, createdAt, lastUsedAt }) =>
              `${fingerprint}${maker === null ? '' : ` by ${maker}`}${createdAt === null ? '' : `, since ${endText(createdAt)}`}, last used ${lastUsedAt === null ? 'never' : endText(lastUsedAt)}`,
          ),
          'none.',
        ),
        ...section(
          'Reads:',
          one.access.flatMap(({ project, since, secrets }) => [
            `${project}${sinceText(since)}`,
            ...secrets.map((secret) => `  ${secret.name}${sinceText(secret.since)}${readingsText(secret)}`),
          ]),
          'nothing.',
        ),
      ];
    case 'secret':
      return [
        ...shown('Machines that read the value:', one.machines?.flatMap(readerLines)),
        ...shown('People, who see and set it and never read it:', one.people?.flatMap(holderLines)),
      ];
    case 'project':
      return [
        ...shown(
          'Secrets:',
          one.secrets?.map(({ name, version }) => `${name}, version ${version}`),
        ),
        ...shown(
          'Machines:',
          one.machines?.map(
            ({ machine, secrets, since }) =>
              `${machine}: ${secrets.length === 0 ? 'no secret' : secrets.join(', ')}${sinceText(since)}`,
          ),
        ),
        ...shown('People:', one.people?.flatMap(holderLines)),
      ];
    case 'group':
      return [
        ...section(
          'Members:',
          one.members.map(
            ({ email, state, expiresAt, since }) =>
              `${email}: ${state}${untilText(expiresAt)}${sinceText(since)}`,
          ),
          'none.',
        ),
        ...section(
          'Gives:',
          one.grants.map(
            ({ project, access, expiresAt, since }) =>
              `${access} in ${project}${untilText(expiresAt)}${sinceText(since)}`,
          ),
          'nothing.',
        ),
      ];
  }
}

function tailOf({ changed, cuts, unseen }: Explanation): string[] {
  return [
    ...section('Cut by people:', cuts?.map(cutText) ?? []),
    ...(changed === null
      ? []
      : [`Last act: ${changed.action}${sinceText(changed).replace(', since', ' at')}`]),
    ...section('You may not see:', unseen.map(unseenText)),
  ];
}

function holderLines({ email, cells }: Holder): string[] {
  return [email, ...cells.flatMap(cellLines).map((text) => `  ${text}`)];
}

/** A cell, and each path below it; without since when, where whoever asks is not told. */
function cellLines({ cell, where, project, paths }: HeldCell | ExplainedCell): string[] {
  const place = where === 'Vault' ? '' : ` in ${project ?? 'all projects'}`;
  return [
    `${cell}${place}`,
    ...paths.map((path) => `  by ${pathText(path)}${sinceText('since' in path ? path.since : null)}`),
  ];
}

/** What a person may, alone. */
function cellsText(cells: readonly (HeldCell | ExplainedCell)[]): string[] {
  return section('May, of metadata and never of values:', cells.flatMap(cellLines), 'nothing.');
}

export function pathText(path: AccessPath): string {
  const until = untilText(path.expiresAt);
  switch (path.via) {
    case 'role':
      return `the role ${path.role}${until}`;
    case 'template':
      return `the template ${path.template}${until}`;
    case 'grant':
      return `a grant of ${path.access} in ${path.project}${until}`;
    case 'group':
      return `${path.access} in ${path.project} of the group ${path.group}${until}`;
  }
}

function readerLines({ machine, enabled, since, managed, copies, ...read }: MachineReader): string[] {
  return [
    `${machine}${enabled ? '' : ' (not enabled)'}${sinceText(since)}${readingsText(read)}`,
    ...(managed == null ? [] : [`  ${managedText(managed)}`]),
    ...copies.map(
      ({ binding, secretName, key }) => `  copied by ${binding} into Secret ${secretName}, key ${key}`,
    ),
  ];
}

/** Nothing where reads may not be seen. */
function readingsText({ lastRead, times, addresses }: Readings): string {
  if (times === null) return '';
  if (lastRead === null) return '; not read in that time';
  const from = addresses.length === 0 ? '' : `, from ${addresses.join(', ')}`;
  return `; last read ${endText(lastRead)}, ${times === 1 ? 'once' : `${times} times`}${from}`;
}

/** Null: whoever asks is not told. */
function declaredText(managed: ManagedBy | null | undefined): string | null {
  if (managed === undefined) return null;
  return managed === null ? 'declared by nobody' : managedText(managed);
}

function managedText({ manager, origin, provenance }: ManagedBy): string {
  return `declared by ${manager} in ${origin}${provenanceText(provenance)}`;
}

/** Since when, who, which commit, whose approval, which entry. */
function sinceText(since: Since | null): string {
  if (since === null) return '';
  const by = since.by.type === 'system' ? 'the system' : `${since.by.type} ${since.by.name}`;
  const approved = since.approver === null ? '' : `, approved by ${since.approver}`;
  return `, since ${endText(since.at)} by ${by}${provenanceText(since.provenance)}${approved} (${since.entry})`;
}

function provenanceText({ commit, author, path, repository, notFromGit }: Provenance): string {
  const said = [
    notFromGit === true ? 'not from Git' : [],
    commit === undefined ? [] : `commit ${commit}`,
    author === undefined ? [] : `author ${author}`,
    path === undefined ? [] : path,
    repository === undefined ? [] : repository,
  ].flat();
  return said.length === 0 ? '' : `, ${said.join(', ')}`;
}

function untilText(expiresAt: number | undefined): string {
  return expiresAt === undefined ? '' : ` until ${endText(expiresAt)}`;
}

function line(what: string, value: string | null): string[] {
  return value === null ? [] : [`  ${what}${value}`];
}

/** What there is, or that there is none, or that it may not be seen. */
function shown(title: string, lines: readonly string[] | undefined): string[] {
  return lines === undefined ? [`${title} you may not see them.`] : section(title, lines, 'none.');
}

export function unseenText({ what, takes }: Unseen): string {
  return `${what} (takes ${takes})`;
}

/** Left out where there is nothing to say, and nothing to say of that. */
export function section(title: string, lines: readonly string[], none?: string): string[] {
  if (lines.length > 0) return [title, ...lines.map((text) => `  ${text}`)];
  return none === undefined ? [] : [`${title} ${none}`];
}
