/** What a target holds before its templates: values under keys, each once. Decides which of two that clash counts. Pure. */
import { isDataKey } from '#api/v1alpha1/target.ts';
import type { SecretValue } from '#model/secret-value.ts';
import { type Fault, invalidSpec, valueUnfit } from './fault.ts';
import { fieldAt, fieldsOf } from './json-fields.ts';
import { keyFrom } from './keys.ts';
import { nameOf, type Selection, type Taken, type TargetSpec } from './selection.ts';

export interface Entry {
  readonly key: string;
  /** Null where only the keys are asked for. */
  readonly bytes: Buffer | null;
  readonly templateOnly: boolean;
  /** Where it comes from, as messages say it: `from[0] (payments/db-password)`. */
  readonly origin: string;
}

export interface Entries {
  readonly byKey: ReadonlyMap<string, Entry>;
  readonly faults: readonly Fault[];
}

/** By `project/name`. Null: only what the spec says of keys is looked at, and a value's fields are not known. */
export type Values = ReadonlyMap<string, SecretValue> | null;

/**
 * An item of `data` wins over those of `from`. Two items of `from` that give one key are a fault, or by
 * `clashes: LastWins` the last of them wins.
 */
export function entriesOf(target: TargetSpec, { taken }: Selection, values: Values): Entries {
  const byKey = new Map<string, { readonly entry: Entry; readonly by: Taken['by'] }>();
  const faults: Fault[] = [];
  for (const each of taken) {
    const { entries, fault } = entriesOfOne(each, values);
    if (fault !== undefined) faults.push(fault);
    for (const entry of entries) {
      const { key, origin } = entry;
      const before = byKey.get(key);
      if (!isDataKey(key)) {
        faults.push(
          invalidSpec(`${origin}: ${JSON.stringify(key)} cannot be a key of a Secret; ${advice(each)}`),
        );
      } else if (before?.by === each.by && target.clashes !== 'LastWins') {
        faults.push(
          invalidSpec(
            `the key ${key} is given by ${before.entry.origin} and by ${origin}; give one of them another, or set clashes: LastWins`,
          ),
        );
      }
      byKey.set(key, { entry, by: each.by });
    }
  }
  return { byKey: new Map([...byKey].map(([key, { entry }]) => [key, entry])), faults };
}

function advice({ by }: Taken): string {
  return by === 'data' ? 'set data[].key' : 'set removePrefix, prefix or keys, or list it in data with a key';
}

interface OfOne {
  readonly entries: readonly Entry[];
  readonly fault?: Fault;
}

function entriesOfOne(taken: Taken, values: Values): OfOne {
  const { item, by, index } = taken;
  const origin = `${by}[${index}] (${nameOf(taken)})`;
  const templateOnly = item.templateOnly === true;
  const whole = taken.by === 'from' && taken.item.fields === true;
  const ownKey = taken.by === 'data' ? (taken.item.key ?? taken.secret) : keyFrom(taken.secret, taken.item);
  if (values === null) {
    return { entries: whole ? [] : [{ key: ownKey, bytes: null, templateOnly, origin }] };
  }
  const value = values.get(nameOf(taken));
  if (value === undefined) return { entries: [] };
  const text = value.reveal();
  const entry = (key: string, content: string, at: string): Entry | Fault => {
    const bytes = bytesOf(content, item.encoding);
    return bytes === undefined
      ? valueUnfit(`${at}: the value is no Base64; take encoding away, or store it so`)
      : { key, bytes, templateOnly, origin: at };
  };
  if (taken.by === 'from' && whole) {
    const fields = fieldsOf(text);
    if (fields === undefined) return { entries: [], fault: notJson(origin) };
    return together(
      [...fields].map(([name, it]) => entry(keyFrom(name, taken.item), it, `${origin}, field ${name}`)),
    );
  }
  if (taken.by === 'data' && taken.item.field !== undefined) {
    const { field } = taken.item;
    const found = fieldAt(text, field);
    if (found === null) return { entries: [], fault: notJson(origin) };
    if (found === undefined)
      return { entries: [], fault: valueUnfit(`${origin}: the value has no field ${field}`) };
    return together([entry(ownKey, found, origin)]);
  }
  return together([entry(ownKey, text, origin)]);
}

function together(results: readonly (Entry | Fault)[]): OfOne {
  const fault = results.find((each): each is Fault => 'reason' in each);
  const entries = results.filter((each): each is Entry => !('reason' in each));
  return fault === undefined ? { entries } : { entries, fault };
}

function notJson(origin: string): Fault {
  return valueUnfit(`${origin}: the value is no JSON object, and a field of it is asked for`);
}

/** Undefined: it is said to be Base64, and is not. White space within is let pass, as tools wrap lines. */
function bytesOf(text: string, encoding: 'Text' | 'Base64' | undefined): Buffer | undefined {
  if (encoding !== 'Base64') return Buffer.from(text, 'utf8');
  const letters = text.replaceAll(/[ \t\r\n]/g, '');
  const bytes = Buffer.from(letters, 'base64');
  return bytes.toString('base64').replaceAll('=', '') === letters.replace(/={1,2}$/, '') ? bytes : undefined;
}
