/**
 * What a scalar without quotes is: as kubectl and the API server read it, YAML 1.1 as go-yaml 2 has it, so that a plan
 * of a folder is about what the cluster would get. `yes` is true there, `010` is 8, and a date is a text.
 */
import type { DocumentOptions, ParseOptions, ScalarTag, SchemaOptions } from 'yaml';

const NULL = /^(?:~|null|Null|NULL|)$/;
const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const INTEGER = /^[-+]?(?:0[bB][01]+|0[xX][\da-fA-F]+|0[oO]?[0-7]+|[1-9]\d*|0)$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
/** No JSON has them; kubectl refuses the file. */
const NOT_FINITE = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** In this order: the first whose test fits. What none fits is a text. */
const PLAIN_SCALARS: readonly ScalarTag[] = [
  tag('null', NULL, () => null),
  tag('bool', TRUE, () => true),
  tag('bool', FALSE, () => false),
  tag('float', NOT_FINITE, (text) =>
    /nan/i.test(text) ? Number.NaN : text[0] === '-' ? -Infinity : Infinity,
  ),
  tag('float', /^[-+.\d]/, numberOrText),
];

/** How a file is parsed: keys are unique, and `<<` merges. */
export const READING: ParseOptions & DocumentOptions & SchemaOptions = {
  schema: 'failsafe',
  customTags: (tags) => [...tags, ...PLAIN_SCALARS],
  merge: true,
  uniqueKeys: true,
};

/** How a plain scalar that looks like a text is read, for a message: `yes is true`; undefined: as it looks. */
export function readAs(source: string, value: unknown): string | undefined {
  if (typeof value === 'boolean' && source.toLowerCase() !== String(value)) return `${source} is ${value}`;
  if (typeof value === 'number' && !/^[-+]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(source)) {
    return `${source} is the number ${value}`;
  }
  return undefined;
}

function tag(name: string, test: RegExp, resolve: (text: string) => unknown): ScalarTag {
  return { default: true, tag: `tag:yaml.org,2002:${name}`, test, resolve };
}

/** Underscores are left out wherever they stand; in what begins with a dot they stand one by one between digits. */
function numberOrText(text: string): number | string {
  if (text[0] === '.' && /(?:^|\D)_|_(?:\D|$)/.test(text)) return text;
  const plain = text.replaceAll('_', '');
  if (INTEGER.test(plain)) return integerOf(plain);
  const number = FLOAT.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(number) ? number : text;
}

function integerOf(text: string): number {
  const bare = text.replace(/^[-+]/, '');
  const octal = /^0[oO]?([0-7]+)$/.exec(bare)?.[1];
  const number = octal === undefined ? Number(bare) : Number.parseInt(octal, 8);
  return text[0] === '-' ? -number : number;
}
