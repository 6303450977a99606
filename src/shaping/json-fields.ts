/** Fields of values that are JSON objects, with numbers as they are written: 1.10 and 12345678901234567890 stay so. Pure. */

/** What a JSON text is an object of, by field; undefined where it is none. */
export function fieldsOf(text: string): ReadonlyMap<string, string> | undefined {
  const object = objectIn(text);
  return object === undefined
    ? undefined
    : new Map(Object.entries(object).map(([name, it]) => [name, textOf(it)]));
}

/** One field; dots lead inwards where no field is named with them. Undefined where there is none; `null`: no JSON object. */
export function fieldAt(text: string, path: string): string | null | undefined {
  const object = objectIn(text);
  if (object === undefined) return null;
  const found = valueAt(object, path);
  return found === undefined ? undefined : textOf(found);
}

function valueAt(value: unknown, path: string): unknown {
  if (!isObject(value)) return undefined;
  if (Object.hasOwn(value, path)) return value[path];
  const dot = path.indexOf('.');
  if (dot < 0) return undefined;
  const head = path.slice(0, dot);
  return Object.hasOwn(value, head) ? valueAt(value[head], path.slice(dot + 1)) : undefined;
}

/** A number of JSON, as it is written. */
class Written {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

interface Context {
  readonly source?: string;
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text, ((_: string, value: unknown, context?: Context) =>
      typeof value === 'number' ? new Written(context?.source ?? String(value)) : value) as (
      key: string,
      value: unknown,
    ) => unknown);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : jsonOf(value);
}

function jsonOf(value: unknown): string {
  if (value instanceof Written) return value.source;
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}:${jsonOf(inner)}`);
  return `{${fields.join(',')}}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Written);
}
