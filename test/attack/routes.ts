/** Every route that people have in a vault, asked by somebody, with requests that are valid. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Answer } from '#test/integration/vault/authorization/asking.ts';
import { CELLS, type Cell, INSIDE } from '#test/integration/vault/authorization/oracle.ts';
import type { Row } from '#test/integration/vault/authorization/row.ts';
import { allRows } from '#test/integration/vault/authorization/rows.ts';
import { type Actor, startWorld, type World } from '#test/integration/vault/authorization/world.ts';
import { done, type Outcome, ofAnswer } from './outcome.ts';

export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly body: unknown;
}

/** One of every kind of actor; `every cell` is a member who holds each. */
export async function everyActor(): Promise<World> {
  const world = await startWorld([CELLS]);
  onTestFinished(() => world.close());
  return world;
}

export const withEveryCell = (world: World): Actor => world.actor(`member with ${CELLS.join(' + ')}`);

/** Rows of people's routes in a vault. Throws where the document has a route that no row asks. */
export async function routesInVault(): Promise<readonly Row[]> {
  const rows = (await allRows()).filter(
    ({ route, people }) =>
      route.includes('/vaults/{vaultId}') && people !== undefined && people !== 'anybody',
  );
  const asked = new Set(rows.map(({ route }) => route));
  const missing = documentedRoutes().filter((route) => !asked.has(route));
  if (missing.length > 0) throw new Error(`no row asks ${missing.join(', ')}`);
  return rows;
}

interface Document {
  readonly paths: Record<string, Record<string, { readonly security?: readonly Record<string, unknown>[] }>>;
}

function documentedRoutes(): string[] {
  const file = join(import.meta.dirname, '../../docs/openapi.json');
  const { paths } = JSON.parse(readFileSync(file, 'utf8')) as Document;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { security = [] }]) => security.some((one) => 'session' in one))
      .map(([method]) => `${method.toUpperCase()} ${path}`)
      .filter((route) => route.includes('/vaults/{vaultId}')),
  );
}

/** Cells that a row takes; none where it takes a role, or membership alone. */
export function cellsOf({ people }: Row): readonly Cell[] {
  return typeof people === 'object' && 'cells' in people ? people.cells : [];
}

/**
 * What each of these routes answers to the actor. What the domain refuses to who is let through, because the row has it
 * so, is done.
 */
export async function askRoutes(
  world: World,
  rows: readonly Row[],
  actor: Actor,
  judge: (call: string, answer: Answer, asked: Asked) => Promise<Outcome> | Outcome = ofAnswer,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const row of rows) {
    const call = [row.route, row.variant ?? []].flat().join(', ');
    const { target, body } = await row.asks(world, INSIDE);
    // The route is asked by somebody who was just there: that they are refused is for who they are.
    await world.proven(0);
    const asks = row.usesUp === true ? await actor.another() : actor;
    const [method = ''] = row.route.split(' ');
    const outcome = await judge(call, await asks.ask(method, target, body), { method, target, body });
    const reaches = typeof row.reaches === 'function' ? row.reaches(actor.name) : row.reaches;
    const reached = reaches !== undefined && outcome.text.endsWith(` ${reaches}`);
    outcomes.push(reached ? done(call, 'let through') : outcome);
    if (outcome.is === 'done' || reached) await row.restore?.(world);
  }
  return outcomes;
}
