import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CELLS as REAL_CELLS } from '#model/capabilities.ts';
import { ABILITIES as REAL_ABILITIES } from '#protocol/management.ts';
import { appsOf } from '#test/builders/routes.ts';
import type { Answer } from './asking.ts';
import { ABILITIES, CELLS, holds, INSIDE, isPerson, OUTSIDE, type Verdict, verdict } from './oracle.ts';
import type { Row } from './row.ts';
import { allRows } from './rows.ts';
import { type Actor, isProjectCell, startWorld, type World } from './world.ts';

const rows = await allRows();
/** Five minutes. */
const PROOF_LIFE = 5 * 60 * 1000;

describe('V3: who is let through, every route for every kind of actor', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld([
      ...CELLS.map((cell) => [cell]),
      ...rows.flatMap(({ people }) => cellsOf(people)),
    ]);
  });
  afterAll(() => world.close());

  it('has a row for every route of the document and every way to prove who asks, and none beside them', async () => {
    const { body } = await world.actor('nobody').ask('GET', '/api/v1/openapi.json');
    expect(waysOf(rows)).toEqual(documentedWays(body as Document));
  });

  it('knows every route that the server answers: the document leaves out itself and the page that mails lead to', async () => {
    const { body } = await world.actor('nobody').ask('GET', '/api/v1/openapi.json');
    const documented = Object.entries((body as Document).paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const answered = registeredRoutes(world).filter((route) => !documented.includes(route));
    expect(answered).toEqual(['GET /join']);
  });

  it('knows every cell and every ability', () => {
    expect(CELLS).toEqual(REAL_CELLS.map(({ id }) => id));
    expect(ABILITIES).toEqual(REAL_ABILITIES);
  });

  it.each(rows.map((row) => [nameOf(row), row] as const))('%s', async (_, row) => {
    const wrong: string[] = [];
    const through: (readonly [Actor, string])[] = [];
    for (const project of projectsOf(row)) {
      const refused: (readonly [Actor, Verdict])[] = [];
      for (const actor of world.actors) {
        const expected = verdict(row, actor.kind, project);
        if (expected === 'through') through.push([actor, project]);
        else refused.push([actor, expected]);
      }
      wrong.push(...(await judgeRefused(world, row, refused, project)));
    }
    expect(wrong).toEqual([]);
    expect(through.length, 'somebody is let through').toBeGreaterThan(0);
    if (row.proof === true) {
      await world.proven(PROOF_LIFE + 1);
      for (const [actor, project] of through.filter(([{ kind }]) => isPerson(kind))) {
        wrong.push(...(await judge(world, row, actor, project, 'ProofNeeded')));
      }
      await world.proven(PROOF_LIFE);
    }
    for (const [actor, project] of through) {
      const asks = row.usesUp === true ? await actor.another() : actor;
      wrong.push(...(await judge(world, row, asks, project, 'through')));
      await row.restore?.(world);
    }
    expect(wrong).toEqual([]);
    expect(world.vault.faults).toEqual([]);
  });
});

/** What is wrong with the answers to those who are refused. They ask at once, since nothing may come of it. */
async function judgeRefused(
  world: World,
  row: Row,
  refused: readonly (readonly [Actor, Verdict])[],
  project: string,
): Promise<string[]> {
  const [method = ''] = row.route.split(' ');
  const shared = await row.asks(world, project);
  // A step is repeated under its key by whoever sent it first.
  const asksAlone = row.refusedWithin !== undefined;
  const before = await world.revisions();
  const wrong = await Promise.all(
    refused.map(async ([actor, expected]) => {
      const { target, body } = asksAlone ? await row.asks(world, project) : shared;
      const said = saidBy(row, actor, await actor.ask(method, target, body));
      return said === expected ? [] : [wrongly(actor, project, said, expected)];
    }),
  );
  if ((await world.revisions()) !== before) wrong.push([`in ${project} a request changed something`]);
  return wrong.flat();
}

/** What is wrong with the answer to one actor. */
async function judge(
  world: World,
  row: Row,
  actor: Actor,
  project: string,
  expected: Verdict,
): Promise<string[]> {
  const [method = ''] = row.route.split(' ');
  const { target, body } = await row.asks(world, project);
  const before = expected === 'through' ? null : await world.revisions();
  const answer = await actor.ask(method, target, body);
  const said = saidBy(row, actor, answer);
  const wrong = said === expected ? [] : [wrongly(actor, project, said, expected)];
  if (before !== null && (await world.revisions()) !== before) wrong.push(`${actor.name} changed something`);
  const { shows } = row;
  if (shows !== undefined && expected === 'through' && answer.status < 300) {
    const isShown = shows.visible(answer, project);
    if (isShown !== holds(actor.kind, shows.cell, project)) {
      wrong.push(
        `${actor.name} in ${project}: ${isShown ? 'sees' : 'does not see'} what ${shows.cell} shows`,
      );
    }
  }
  return wrong;
}

function wrongly({ name }: Actor, project: string, said: Verdict, expected: Verdict): string {
  return `${name} in ${project}: ${said}, and not ${expected}`;
}

function saidBy(row: Row, actor: Actor, answer: Answer): Verdict {
  const { status, body } = answer;
  const reaches = typeof row.reaches === 'function' ? row.reaches(actor.name) : row.reaches;
  if (status < 300 && row.refusedWithin?.(answer) === true) return 'refused within';
  if (status < 300) return reaches === undefined ? 'through' : `${status} in place of ${reaches}`;
  const said = row.route.includes(' /v1/') ? status : codeOf(body);
  return reaches !== undefined && String(said) === reaches ? 'through' : said;
}

function codeOf(body: unknown): string {
  return typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : 'no problem';
}

/** Project cells are judged in the project in scope and in one out of it; everything else once. */
function projectsOf({ people, shows }: Row): readonly string[] {
  const cells = [...cellsOf(people).flat(), ...(shows === undefined ? [] : [shows.cell])];
  return cells.some(isProjectCell) ? [INSIDE, OUTSIDE] : [INSIDE];
}

function cellsOf(people: Row['people']) {
  return typeof people === 'object' && 'cells' in people && people.inAnyProject !== true
    ? [people.cells]
    : [];
}

function nameOf({ route, variant }: Row): string {
  return variant === undefined ? route : `${route} (${variant})`;
}

interface Document {
  readonly paths: Record<string, Record<string, { readonly security?: readonly object[] }>>;
}

/** Sorted lines of a route and how one proves who one is. */
function documentedWays({ paths }: Document): string[] {
  return Object.entries(paths)
    .flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { security = [] }]) => {
        const ways = security.flatMap((one) => Object.keys(one));
        return (ways.length === 0 ? ['none'] : ways).map((way) => `${method.toUpperCase()} ${path} ${way}`);
      }),
    )
    .sort();
}

function waysOf(all: readonly Row[]): string[] {
  const ways = all.flatMap(({ route, people, automation, machine }) => [
    ...(people === undefined ? [] : [`${route} ${people === 'anybody' ? 'none' : 'session'}`]),
    ...(automation === undefined ? [] : [`${route} automation`]),
    ...(machine === undefined ? [] : [`${route} ${machine === 'token' ? 'none' : 'machine'}`]),
  ]);
  return [...new Set(ways)].sort();
}

/** Method and path, parameters as the document writes them. */
function registeredRoutes({ vault }: World): string[] {
  return appsOf(vault.context)
    .flatMap(({ routes }) => routes)
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)(\{[^}]*\})?/g, '{$1}')}`);
}
