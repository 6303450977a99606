import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { appsOf } from '#test/builders/routes.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';

/** What a URL drops, and what proxies take for that. */
const DROPPED = ['.', '..', 'a/../b', 'a\\..', './x', 'half \ud800'];

/** Of a body: it names what is, or what comes to be. */
const NAMES = ['name', 'displayName', 'userName', 'email', 'emails', 'project', 'template', 'webhooks'];

interface Part {
  readonly route: string;
  readonly schema: z.ZodObject;
}

describe('what a request may name (V7)', () => {
  let vault: TestVault;
  let params: readonly Part[];
  let bodies: readonly Part[];
  beforeAll(async () => {
    vault = await startTestVault();
    const routes = appsOf(vault.context).flatMap(({ openAPIRegistry }) =>
      openAPIRegistry.definitions.flatMap((one) => (one.type === 'route' ? [one.route] : [])),
    );
    const partsOf = (of: (route: (typeof routes)[number]) => unknown): Part[] =>
      routes.flatMap((route) => {
        const schema = of(route) as z.ZodObject | undefined;
        const name = `${route.method.toUpperCase()} ${route.path}`;
        return schema?.shape === undefined ? [] : [{ route: name, schema }];
      });
    params = partsOf(({ request }) => request?.params);
    bodies = partsOf(
      ({ request }) => (Object.values(request?.body?.content ?? {})[0] as { schema?: unknown })?.schema,
    );
    // None is left to the router; of automation, the vault is looked up by its signature.
    const declared = new Set(params.map(({ route }) => route));
    const undeclared = routes
      .filter(({ path }) => path.replace('{vaultId}', '').includes('{'))
      .map(({ method, path }) => `${method.toUpperCase()} ${path}`)
      .filter((route) => !declared.has(route));
    expect(undeclared).toEqual([]);
  });
  afterAll(() => vault[Symbol.asyncDispose]());

  const taken = (parts: readonly Part[], fields: (schema: z.ZodObject) => readonly string[]): string[] =>
    parts.flatMap(({ route, schema }) =>
      fields(schema).flatMap((field) => {
        const check = schema.shape[field] as z.ZodType;
        return DROPPED.filter((text) => check.safeParse(text).success || check.safeParse([text]).success).map(
          (text) => `${route}: ${field} takes ${JSON.stringify(text)}`,
        );
      }),
    );

  it('no parameter of a path takes what a path would change', () => {
    expect(params.length).toBeGreaterThan(50);
    expect(taken(params, (schema) => Object.keys(schema.shape))).toEqual([]);
  });

  it('no name in a body is what a path would change', () => {
    expect(bodies.length).toBeGreaterThan(30);
    expect(
      taken(bodies, (schema) => Object.keys(schema.shape).filter((field) => NAMES.includes(field))),
    ).toEqual([]);
  });
});
