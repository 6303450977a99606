/**
 * What a target is: the data of its Secret, out of its spec and the values. Selection, entries, templates, checks, one
 * after the other. The operator writes it, `render` prints it, and `validate` asks what of it cannot be. Pure.
 */
import { isDataKey, LONGEST_TEMPLATE } from '#api/v1alpha1/target.ts';
import { type Entries, entriesOf, type Values } from './entries.ts';
import { type Fault, invalidSpec, valueUnfit } from './fault.ts';
import { metadataFaults } from './metadata.ts';
import { missingKey, unfitContent } from './secret-types.ts';
import { nameOf, type SecretName, type Selection, select, type TargetSpec } from './selection.ts';
import type { TemplateEngine } from './template/engine.ts';

/** Bytes of all values of a Secret, as the API server counts them. */
export const LARGEST_SECRET = 1 << 20;

/** A target with all that shaping it takes beside the values. */
export interface Shaping {
  readonly target: TargetSpec;
  readonly selection: Selection;
  /** Texts of its templates by key; a missing one is a fault of who reads ConfigMaps. */
  readonly templates: ReadonlyMap<string, string>;
  /** Undefined only where there are no templates. */
  readonly engine: TemplateEngine | undefined;
}

export type Shaped =
  /** Sorted by key. */
  | { readonly ok: true; readonly data: ReadonlyMap<string, Buffer> }
  | { readonly ok: false; readonly fault: Fault };

/**
 * What is wrong with a target before any value is known. `templates`: texts that are at hand. `declared`: what the
 * binding's machine may read.
 */
export function faultsOf(
  target: TargetSpec,
  declared: readonly SecretName[],
  { engine, allowed }: { readonly engine: TemplateEngine | undefined; readonly allowed: readonly string[] },
): readonly Fault[] {
  const selection = select(target, declared);
  const entries = entriesOf(target, selection, null);
  // Fields give keys that only the values tell.
  const isWhole = !(target.from ?? []).some(({ fields }) => fields === true);
  const missing = isWhole ? missingKey(target.type ?? 'Opaque', keysOf(target, entries)) : undefined;
  return [
    ...metadataFaults(target, allowed),
    ...selection.faults,
    ...entries.faults,
    ...(target.templates ?? []).flatMap(({ key, text }) => {
      const problem = text === undefined ? null : (engine?.problemOf(text) ?? null);
      return problem === null ? [] : [templateFault(key, problem)];
    }),
    ...(missing === undefined ? [] : [missing]),
  ];
}

/**
 * The same spec, templates and values give the same bytes, or the same fault. A value that is not given is left out; `kept`
 * is what stands under keys that no value gives.
 */
export function shape(
  { target, selection, templates, engine }: Shaping,
  values: NonNullable<Values>,
  kept: ReadonlyMap<string, Buffer> = new Map(),
): Shaped {
  const entries = entriesOf(target, selection, values);
  const [fault] = [...selection.faults, ...entries.faults];
  if (fault !== undefined) return { ok: false, fault };
  const data = new Map(kept);
  for (const { key, bytes, templateOnly } of entries.byKey.values())
    if (!templateOnly && bytes !== null) data.set(key, bytes);
  const texts = textsOf(entries);
  for (const { key } of target.templates ?? []) {
    const rendered = renderedOne(templates.get(key), texts, engine);
    if (!rendered.ok) return { ok: false, fault: templateFault(key, rendered.problem) };
    data.set(key, Buffer.from(rendered.text, 'utf8'));
  }
  const unfit = unfitData(target, data);
  if (unfit !== undefined) return { ok: false, fault: unfit };
  return { ok: true, data: new Map([...data].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function unfitData(target: TargetSpec, data: ReadonlyMap<string, Buffer>): Fault | undefined {
  const bad = [...data.keys()].find((key) => !isDataKey(key));
  if (bad !== undefined) return invalidSpec(`${JSON.stringify(bad)} cannot be a key of a Secret`);
  const type = target.type ?? 'Opaque';
  return tooLarge(data) ?? missingKey(type, new Set(data.keys())) ?? unfitContent(type, data);
}

function keysOf(target: TargetSpec, { byKey }: Entries): ReadonlySet<string> {
  const held = [...byKey.values()].filter(({ templateOnly }) => !templateOnly).map(({ key }) => key);
  return new Set([...held, ...(target.templates ?? []).map(({ key }) => key)]);
}

/** How many keys a message names. */
const NAMED_KEYS = 3;

function tooLarge(data: ReadonlyMap<string, Buffer>): Fault | undefined {
  let size = 0;
  for (const bytes of data.values()) size += bytes.length;
  if (size <= LARGEST_SECRET) return undefined;
  const largest = [...data]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, NAMED_KEYS)
    .map(([key, { length }]) => `${key} (${length} bytes)`);
  return valueUnfit(
    `holds ${size} bytes, and a Secret at most ${LARGEST_SECRET}; largest are ${largest.join(', ')}. Split the target`,
  );
}

/** A template has texts: what is no UTF-8 is not among its values. */
function textsOf({ byKey }: Entries): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { key, bytes } of byKey.values()) {
    const text = bytes?.toString('utf8');
    if (text !== undefined && bytes !== null && Buffer.from(text, 'utf8').equals(bytes)) texts.set(key, text);
  }
  return texts;
}

function renderedOne(
  text: string | undefined,
  values: ReadonlyMap<string, string>,
  engine: TemplateEngine | undefined,
): ReturnType<TemplateEngine['render']> {
  if (text === undefined || engine === undefined) return { ok: false, problem: 'is not there' };
  if (text.length > LONGEST_TEMPLATE)
    return { ok: false, problem: `is longer than ${LONGEST_TEMPLATE} characters` };
  return engine.render(text, values);
}

function templateFault(key: string, problem: string): Fault {
  return invalidSpec(`template of ${key}: ${problem}`);
}

/**
 * Under which keys of a target the values of some secrets stand; null where only values tell, or a template may have one
 * within. `names` are `project/name`.
 */
export function keysOfSecrets(
  target: TargetSpec,
  selection: Selection,
  names: ReadonlySet<string>,
): readonly string[] | null {
  const taken = selection.taken.filter((each) => names.has(nameOf(each)));
  const isTold = taken.every(({ by, item }) => by === 'data' || !('fields' in item && item.fields === true));
  if (!isTold || (target.templates ?? []).length > 0) return null;
  return [...entriesOf(target, { taken, faults: [] }, null).byKey.keys()];
}
