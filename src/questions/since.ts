/**
 * Since when something is as it is, by the audit log: the entry that made it so, after which none made it otherwise. Pure.
 */
import type { Json, Provenance } from '#model/record.ts';
import type { TracedEntry } from '#protocol/management.ts';

export interface Since {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Id of the audit entry. */
  readonly entry: string;
  readonly action: string;
  readonly by: { readonly type: string; readonly name: string };
  /** What Git tooling claimed of it (A4); empty where a person did it in the vault. */
  readonly provenance: Provenance;
  /** Who released it, where it waited for that. */
  readonly approver: string | null;
}

/** What an entry says of one thing: it is so from then on, or it is not; undefined: nothing. */
export type Says = (entry: TracedEntry) => boolean | undefined;

/** `entries` newest first. Null: the log does not tell. */
export function sinceWhen(entries: readonly TracedEntry[], says: Says): Since | null {
  let found: TracedEntry | null = null;
  for (const entry of entries) {
    const said = says(entry);
    if (said === undefined) continue;
    if (!said) break;
    found = entry;
  }
  return found === null ? null : sinceOf(found);
}

/** Of what lasts as long as all of these do: the latest; null where one is not told. */
export function latest(all: readonly (Since | null)[]): Since | null {
  return (
    all.reduce<Since | null | undefined>((last, one) => {
      if (last === null || one === null) return null;
      return last === undefined || one.at >= last.at ? one : last;
    }, undefined) ?? null
  );
}

export function sinceOf({ id, at, action, actor, provenance, details }: TracedEntry): Since {
  const approval = fieldOf(details, 'approval');
  const approver = approval === undefined ? undefined : fieldOf(approval, 'by');
  return {
    at,
    entry: id,
    action,
    by: { type: actor.type, name: actor.name },
    provenance,
    approver: typeof approver === 'string' ? approver : null,
  };
}

/** A field of a value that is an object; undefined: it has none. */
export function fieldOf(value: Json | { readonly [key: string]: Json }, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return (value as { readonly [key: string]: Json })[name];
}

/** A list; empty where it is none. */
export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
