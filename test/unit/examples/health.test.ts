import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LuaFactory } from 'wasmoon';
import { parse, parseAllDocuments } from 'yaml';
import { Conditions } from '#controllers/organization/statuses/draft.ts';
import type { Resource } from '#controllers/resources.ts';
import type { Readiness } from '#runtime/runtime.ts';
import { judgeOf } from '#test/builders/cel-oracle.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');
const HEALTH = readFileSync(join(EXAMPLES, 'argocd', 'health.lua'), 'utf8');

interface Health {
  readonly status: string;
  readonly message: string;
}
interface TestData {
  readonly tests: readonly { readonly healthStatus: Health; readonly inputPath: string }[];
}

const { tests } = parse(readFileSync(join(EXAMPLES, 'argocd', 'health_test.yaml'), 'utf8')) as TestData;
const objectOf = (path: string): object =>
  parse(readFileSync(join(EXAMPLES, 'argocd', path), 'utf8')) as object;

/** What Argo CD's script says of an object. */
async function healthOf(object: object): Promise<Health> {
  const lua = await new LuaFactory().createEngine();
  try {
    return (await lua.doString(`obj = ${luaTable(object)}\n${HEALTH}`)) as Health;
  } finally {
    lua.global.close();
  }
}

/** A value as Lua has it: as a table, and not as an object of JavaScript behind a proxy. */
function luaTable(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `{${value.map(luaTable).join(',')}}`;
  return `{${Object.entries(value)
    .map(([key, inner]) => `[${JSON.stringify(key)}]=${luaTable(inner)}`)
    .join(',')}}`;
}

describe('the health of Argo CD', () => {
  it.each(tests)('is $healthStatus.status for $inputPath', async ({ healthStatus, inputPath }) => {
    expect(await healthOf(objectOf(inputPath))).toEqual(healthStatus);
  });

  it('has a test for every object of its test data', () => {
    const files = readdirSync(join(EXAMPLES, 'argocd', 'testdata')).map((name) => `testdata/${name}`);
    expect(tests.map(({ inputPath }) => inputPath).sort()).toEqual(files.sort());
  });

  it.each([
    ['ready', 'Healthy'],
    ['reconciling', 'Progressing'],
    ['stalled', 'Degraded'],
  ] as const)('of a status that the operator writes as %s is %s', async (readiness, health) => {
    expect((await healthOf(written(readiness))).status).toBe(health);
  });
});

describe('the health expressions of Flux', () => {
  const [kustomization] = parseAllDocuments(
    readFileSync(join(EXAMPLES, 'flux', 'kustomizations.yaml'), 'utf8'),
  ).map(
    (document) => document.toJS() as { spec: { healthCheckExprs: { failed: string; current: string }[] } },
  );
  const [{ failed = '', current = '' } = {}] = kustomization?.spec.healthCheckExprs ?? [];
  /** As kustomize-controller judges: failed first, then current, else in progress. */
  const judged = (object: object): string =>
    holds(failed, object) ? 'Failed' : holds(current, object) ? 'Current' : 'InProgress';

  it.each([
    ['ready', 'Current'],
    ['reconciling', 'InProgress'],
    ['stalled', 'Failed'],
  ] as const)('take a status that the operator writes as %s for %s', (readiness, health) => {
    expect(judged(written(readiness))).toBe(health);
  });

  it('take a plan that a rail holds for failed, and an object that nobody looked at for in progress', () => {
    const held = new Conditions(RESOURCE, [], 0)
      .ready('ready', 'Succeeded')
      .set('PlanHeld', true, 'NeedsApproval');
    expect(judged({ ...RESOURCE, status: { observedGeneration: 1, conditions: held.list } })).toBe('Failed');
    expect(judged({ ...RESOURCE, status: { observedGeneration: -1 } })).toBe('InProgress');
  });
});

const RESOURCE = { metadata: { name: 'acme', namespace: 'acme', generation: 1 } } as Resource;

/** An object with the conditions of a readiness, as the operator writes them. */
function written(readiness: Readiness): object {
  const conditions = new Conditions(RESOURCE, [], 0).ready(readiness, 'Some', 'Some words.');
  return { ...RESOURCE, status: { observedGeneration: 1, conditions: conditions.list } };
}

function holds(expression: string, object: object): boolean {
  return judgeOf(expression, { ...object });
}
