import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { INSIDE } from '#test/integration/vault/authorization/oracle.ts';
import type { Row } from '#test/integration/vault/authorization/row.ts';
import { allRows } from '#test/integration/vault/authorization/rows.ts';
import { type Actor, startWorld, type World } from '#test/integration/vault/authorization/world.ts';
import { attack } from './attack.ts';
import { gainedSince } from './measure.ts';
import { askRoutes, everyActor, routesInVault } from './routes.ts';

attack({
  name: 'asks every route that people alone have in a vault',
  actor: 'Thief of an automation credential',
  rule: 'V4',
  refused: ['404 RouteNotFound'],
  permittedBy: 'the session of the owner',
  world: everyActor,
  attack: (world) => world.actor('automation with every ability'),
  control: (world) => world.actor('owner'),
  calls: async (world, actor) => {
    const rows = await routesInVault();
    return askRoutes(
      world,
      rows.filter(({ automation }) => automation === undefined),
      actor,
    );
  },
});

/** As `startWorld` sets them. */
const VALUES = ['one', 'two', 'three', 'four'];

/** What a request of the actor to each route gave: who is raised, a value in the answer, a token or a key. */
async function givenBy(
  world: World,
  actor: Actor,
  rows: readonly Row[],
): Promise<{ readonly asked: ReadonlySet<string>; readonly given: readonly string[] }> {
  const asked = new Set<string>();
  const given: string[] = [];
  for (const row of rows) {
    const call = [row.route, row.variant ?? []].flat().join(', ');
    const { target, body } = await row.asks(world, INSIDE);
    await world.proven(0);
    const before = await world.vault.snapshot();
    const [method = ''] = row.route.split(' ');
    const answer = await actor.ask(method, target, body);
    asked.add(row.route);
    const gained = gainedSince(before, await world.vault.snapshot());
    given.push(...gained.map((one) => `${call}: ${one}`));
    const told = VALUES.filter((value) => new RegExp(`"value":\\s*"${value}"`).test(answer.text));
    given.push(...told.map((value) => `${call}: the value ${value}`));
    if (answer.status < 300) await row.restore?.(world);
  }
  return { asked, given };
}

function documentedRoutes(): string[] {
  const file = join(import.meta.dirname, '../../docs/openapi.json');
  const { paths } = JSON.parse(readFileSync(file, 'utf8')) as { paths: Record<string, object> };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

async function robbed(): Promise<World> {
  const world = await startWorld([]);
  onTestFinished(() => world.close());
  return world;
}

it('a stolen credential raises nobody and is told no value by any route of the document (rail 2, V4)', async () => {
  const world = await robbed();
  const rows = await allRows();
  const { asked, given } = await givenBy(world, world.actor('automation with every ability'), rows);
  expect(documentedRoutes().filter((route) => !asked.has(route))).toEqual([]);
  expect(given).toEqual([]);
}, 300_000);

it('the same requests of the owner, and of a machine that is there, raise people and tell values', async () => {
  const world = await robbed();
  const rows = await allRows();
  const raising = rows.filter(({ route }) => /members\/\{email\}\/(?:role|unsuspend)$/.test(route));
  const { given } = await givenBy(world, world.actor('owner'), raising);
  expect(given.join('\n')).toMatch(/: Admin$/m);
  const reading = rows.filter(({ route }) => route === 'GET /v1/secret/{id}');
  const read = await givenBy(world, world.actor('machine'), reading);
  expect(read.given.join('\n')).toMatch(/the value one/);
}, 120_000);
