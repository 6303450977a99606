/**
 * `blast-radius`: what a person, a secret or a key of a machine that is in wrong hands reaches now, what was read since a time, and what contains
 * it. Pure. A person reads no values on the vault server: what they reach of values is what their machines read, and what
 * they could hand to one.
 */

import { endText } from '#model/ends.ts';
import type { OrganizationState } from '#model/organization.ts';
import { type ToRotate, toRotate } from '#model/rotation.ts';
import { shellWord } from '#model/shell-word.ts';
import type { TraceAnswer, TracedRead, TraceRequest } from '#protocol/management.ts';
import { section } from './explain-text.ts';
import { cellsOf } from './people.ts';
import type { Thing } from './thing.ts';

/** A read with names in place of ids; what is gone by now keeps its id. */
export interface NamedRead extends Omit<TracedRead, 'machine' | 'secret'> {
  readonly machine: string;
  /** `project/secret`. */
  readonly secret: string;
}

type Blasted = 'person' | 'secret' | 'key';

export interface BlastRadius {
  readonly kind: Blasted;
  readonly key: string;
  readonly since: number;
  /** Of a key its last use; null: of nothing else, or the vault says none. */
  readonly used: TraceAnswer['keys'][number] | null;
  /** Cells as they are told elsewhere: `Secrets: Manage in web`; of a person alone. */
  readonly may: readonly string[];
  /** Machines that hold the value, or whose key the person may have, with what each reads. */
  readonly machines: readonly {
    readonly machine: string;
    readonly enabled: boolean;
    readonly reads: readonly string[];
  }[];
  readonly reads: readonly NamedRead[];
  /** When the log was not looked at further back; null: it was. */
  readonly lookedBackTo: number | null;
  readonly rotation: ToRotate;
  /** In their order, as they are typed in. */
  readonly commands: readonly string[];
}

/** What the vault has to be asked for: the reads of the machines and secrets concerned. */
export function traceForBlast(state: OrganizationState, thing: Thing, since: number): TraceRequest {
  const machines = thing.kind === 'secret' ? [] : concerned(state, thing).map(({ machine }) => machine.id);
  const secrets = state.secrets.filter(({ project, name }) => `${project}/${name}` === thing.key);
  return {
    subjects: [],
    reads: { machines, secrets: thing.kind === 'secret' ? secrets.map(({ id }) => id) : [], since },
  };
}

export function blastRadius(
  state: OrganizationState,
  thing: Thing & { readonly kind: Blasted },
  { since, now, traced }: { readonly since: number; readonly now: number; readonly traced: TraceAnswer },
): BlastRadius {
  const { kind, key } = thing;
  const rotation = rotationOf(state, thing);
  return {
    kind,
    key,
    since,
    used: kind === 'key' ? (traced.keys.find(({ fingerprint }) => fingerprint === key) ?? null) : null,
    may: mayOf(state, thing, now),
    machines: concerned(state, thing).map(({ machine, reads }) => ({
      machine: machine.name,
      enabled: machine.enabled && machine.approved,
      reads,
    })),
    reads: namedReads(state, traced.reads),
    lookedBackTo: traced.lookedBackTo.reads,
    rotation,
    commands: commandsOf(state, thing, rotation),
  };
}

function mayOf(state: OrganizationState, { kind, key }: Thing, now: number): string[] {
  const member = kind === 'person' ? state.members.find(({ email }) => email === key) : undefined;
  if (member === undefined) return [];
  return cellsOf(state, member, {}, now).map(({ cell, where, project }) =>
    where === 'Vault' ? cell : `${cell} in ${project ?? 'all projects'}`,
  );
}

function concerned(state: OrganizationState, { kind, key }: Thing) {
  return state.machines.flatMap((machine) => {
    const reads = machine.access.flatMap(({ project, secrets }) =>
      secrets.map((name) => `${project}/${name}`),
    );
    const isConcerned =
      kind === 'secret'
        ? reads.includes(key)
        : machine.keys.some(({ maker, fingerprint }) => key === (kind === 'key' ? fingerprint : maker));
    return isConcerned ? [{ machine, reads: kind === 'secret' ? [key] : reads }] : [];
  });
}

function rotationOf(state: OrganizationState, { kind, key }: Thing): ToRotate {
  if (kind === 'secret') return { rotate: [key], rotateKeys: [] };
  if (kind === 'key') {
    const held = concerned(state, { kind, key });
    return {
      rotate: held.flatMap(({ reads }) => reads).toSorted(),
      rotateKeys: held.map(({ machine }) => ({ machine: machine.name, fingerprint: key })),
    };
  }
  const member = state.members.find(({ email }) => email === key);
  return member === undefined ? { rotate: [], rotateKeys: [] } : toRotate(state, key, member);
}

function namedReads(state: OrganizationState, reads: readonly TracedRead[]): NamedRead[] {
  const secrets = new Map(state.secrets.map(({ id, project, name }) => [id, `${project}/${name}`]));
  const machines = new Map(state.machines.map(({ id, name }) => [id, name]));
  return reads.map((read) => ({
    ...read,
    machine: machines.get(read.machine) ?? read.machine,
    secret: secrets.get(read.secret) ?? read.secret,
  }));
}

/** What Git does not do: a value is set by a person, and a key is revoked in the vault. */
function commandsOf(
  state: OrganizationState,
  { kind, key }: Thing,
  { rotate, rotateKeys }: ToRotate,
): string[] {
  const member = kind === 'person' ? state.members.find(({ email }) => email === key) : undefined;
  const isOwner = member?.role === 'Owner';
  return [
    ...(member === undefined || isOwner || member.state === 'Suspended'
      ? []
      : [`seneschal vault member suspend ${shellWord(key)}`]),
    ...rotateKeys.map(({ machine, fingerprint }) =>
      // The last key is not revoked: without one there is no machine.
      (state.machines.find(({ name }) => name === machine)?.keys.length ?? 0) > 1
        ? `seneschal vault machine revoke-key ${shellWord(machine)} ${fingerprint}`
        : `seneschal vault machine disable ${shellWord(machine)}`,
    ),
    ...rotate.map((path) => {
      const at = path.indexOf('/');
      return `seneschal vault secret set ${shellWord(path.slice(at + 1))} --project ${shellWord(path.slice(0, at))}`;
    }),
  ];
}

const MACHINES: Readonly<Record<Blasted, string>> = {
  person: 'Machines whose key they may have:',
  secret: 'Machines that hold the value:',
  key: 'The machine, and what it reads now:',
};

function usedText(used: BlastRadius['used']): string {
  if (used === null) return 'Last used: not known.';
  const { createdAt, lastUsedAt, lastUsedFrom } = used;
  const last =
    lastUsedAt === null
      ? 'never'
      : `${endText(lastUsedAt)} from ${lastUsedFrom ?? 'an address that was not kept'}`;
  return `Since ${endText(createdAt)}, last used ${last}.`;
}

export function blastRadiusText(radius: BlastRadius): string {
  const { kind, key, may, machines, reads, rotation, lookedBackTo, since } = radius;
  const back = lookedBackTo === null ? '' : ` (the log was looked at back to ${endText(lookedBackTo)})`;
  return [
    `${kind} ${key}`,
    ...(kind === 'person' ? section('May now, of metadata and never of values:', may, 'nothing.') : []),
    ...(kind === 'key' ? [usedText(radius.used)] : []),
    ...section(
      MACHINES[kind],
      machines.map(
        ({ machine, enabled, reads: own }) =>
          `${machine}${enabled ? '' : ' (not enabled)'}${kind === 'secret' ? '' : `: ${own.join(', ') || 'nothing'}`}`,
      ),
      'none.',
    ),
    ...section(
      `${kind === 'key' ? 'Read by the machine, by whichever key,' : 'Read'} since ${endText(since)}${back}:`,
      reads.map(
        (read) =>
          `${read.secret} by ${read.machine}${read.by === 'Sync' ? ' (synced)' : ''}, ${read.times === 1 ? 'once' : `${read.times} times`}, last ${endText(read.last)}, from ${read.source ?? 'an address that was not kept'}`,
      ),
      'nothing.',
    ),
    ...section('To rotate:', [
      ...rotation.rotate,
      ...rotation.rotateKeys.map(({ machine, fingerprint }) => `the key ${fingerprint} of ${machine}`),
    ]),
    ...section('In the vault:', radius.commands),
  ].join('\n');
}
