/**
 * Renders templates (Liquid). A template has the values of its target and nothing else: no file, no network, no clock, no
 * other template. Tags and filters are those of two lists, and what a rendering spends is counted (`spending.ts`).
 */
import { Context, defaultOperators, Liquid, toValueSync } from 'liquidjs';
import { FILTERS } from './filters.ts';
import { Budget, LONGEST_RESULT, OverBudget } from './spending.ts';

export type Rendered =
  | { readonly ok: true; readonly text: string }
  /** Says what is wrong and where in the template; has no value in it. */
  | { readonly ok: false; readonly problem: string };

export interface TemplateEngine {
  render(template: string, values: ReadonlyMap<string, string>): Rendered;
  /** What is wrong with a template before any value is known; null: nothing. */
  problemOf(template: string): string | null;
}

const TAGS: readonly string[] = [
  'assign',
  'break',
  'case',
  'comment',
  'continue',
  'for',
  'if',
  'raw',
  'unless',
];

/** One serves all templates, one after the other. */
export function createEngine(): TemplateEngine {
  /** Of the rendering under way: renderings are synchronous, one after the other. */
  let budget = new Budget();
  const refused = () => {
    throw new Error('templates read no files');
  };
  const liquid = new Liquid({
    strictFilters: true,
    strictVariables: true,
    ownPropertyOnly: true,
    lenientIf: true,
    dynamicPartials: false,
    relativeReference: false,
    operators: Object.fromEntries(
      Object.entries(defaultOperators).map(([sign, operator]) => [
        sign,
        (left: unknown, right: unknown, ...context: unknown[]) => {
          budget.spend(lengthOf(left) + lengthOf(right));
          return (operator as (...args: unknown[]) => boolean)(left, right, ...context);
        },
      ]),
    ),
    fs: {
      exists: refused,
      existsSync: refused,
      readFile: refused,
      readFileSync: refused,
      resolve: refused,
    },
  });
  for (const name of Object.keys(liquid.tags)) if (!TAGS.includes(name)) delete liquid.tags[name];
  for (const name of Object.keys(liquid.filters)) delete liquid.filters[name];
  for (const [name, filter] of Object.entries(FILTERS)) {
    liquid.registerFilter(name, (value: unknown, ...args: unknown[]) => filter(budget, value, ...args));
  }

  const render = (template: string, values: ReadonlyMap<string, string>): string => {
    budget = new Budget();
    const counted = budget;
    const scope = { values: Object.fromEntries(values) };
    const limits = {
      // Asked before lists are made.
      memoryLimit: { use: (count: unknown) => counted.spend(Math.max(Number(count) || 0, 0)) },
      // Asked at every node and at every turn of a loop.
      renderLimit: { check: () => counted.step() },
      liquid,
    };
    const context = new Context(scope, liquid.options, { sync: true }, limits as never);
    const emitter = boundedEmitter();
    toValueSync(liquid.renderer.renderTemplates(liquid.parse(template), context, emitter));
    return emitter.buffer;
  };
  return {
    render: (template, values) => {
      try {
        return { ok: true, text: render(template, values) };
      } catch (error) {
        return { ok: false, problem: problemIn(error, template) };
      }
    },
    problemOf: (template) => {
      try {
        liquid.parse(template);
        return null;
      } catch (error) {
        return problemIn(error, template);
      }
    },
  };
}

function boundedEmitter() {
  let length = 0;
  const emitter = {
    buffer: '',
    write(part: unknown): void {
      const text = printed(part);
      length += text.length;
      if (length > LONGEST_RESULT) throw new OverBudget('gives more than 1 MiB');
      emitter.buffer += text;
    },
  };
  return emitter;
}

/** As the library prints: nothing for nothing. A map is no text; `join` and `json` print lists. */
function printed(part: unknown): string {
  if (typeof part === 'string') return part;
  if (typeof part === 'number' || typeof part === 'boolean') return String(part);
  if (part === undefined || part === null) return '';
  throw new OverBudget('prints a list or a map; use join or json');
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 1;
}

/** Names of errors of the library whose words are about the template alone: it is not rendered yet. */
const OF_PARSING: ReadonlySet<string> = new Set(['ParseError', 'TokenizationError']);

const LONGEST_PROBLEM = 300;

/** Whatever else was thrown may quote a value, and is not told. */
function problemIn(error: unknown, template: string): string {
  if (!(error instanceof Error)) return 'cannot be rendered';
  const original = 'originalError' in error ? error.originalError : error;
  if (error instanceof OverBudget) return error.message;
  if (original instanceof OverBudget) return original.message;
  if (error instanceof RangeError || original instanceof RangeError) return 'is nested too deeply';
  if (error.name === 'UndefinedVariableError') return missingText(error.message, template);
  if (!OF_PARSING.has(error.name)) return 'cannot be rendered';
  return error.message.slice(0, LONGEST_PROBLEM);
}

/**
 * What a template names and is not there, with its place. The library says the name as it came out, and a value may be part of
 * it (`values[values.x]`): only what stands at that place of the template goes on.
 */
function missingText(message: string, template: string): string {
  const [, name = '', place = '', line, column] =
    /^undefined variable: (.*?)(, line:(\d+), col:(\d+))?$/s.exec(message) ?? [];
  const there = template.split('\n')[Number(line) - 1]?.slice(Number(column) - 1) ?? '';
  const isWritten = name.length <= LONGEST_PROBLEM && there.startsWith(name);
  return `${isWritten ? `undefined variable: ${name}` : 'uses a variable that is not there'}${place}`;
}
