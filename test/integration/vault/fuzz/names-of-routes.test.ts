import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ABILITIES, CELLS, INSIDE, OUTSIDE, verdict } from '../authorization/oracle.ts';
import type { Row } from '../authorization/row.ts';
import { allRows } from '../authorization/rows.ts';
import { type Actor, automation, machine, startWorld, type World } from '../authorization/world.ts';
import { sendRaw } from './raw-http.ts';
import { SPELLINGS } from './spellings.ts';

const rows = await allRows();
const isParameter = (segment: string): boolean => segment.startsWith('{');
const pathOf = (route: string): string => route.split(' ')[1] ?? '';
const withNames = rows.filter(({ route }) => pathOf(route).split('/').some(isParameter));

const BYSTANDER = 'bystander';
const WHO = `${BYSTANDER}@acme.example`;

/** Which segment is written anew (counted among the parameters), as which name, and how. */
interface Attempt {
  readonly parameter: number;
  readonly pieces: readonly string[];
  readonly spelling: number;
}

/** In place of what the request names. */
const NAMED = '@named';

const AS_IT_IS: Attempt = { parameter: 0, pieces: [NAMED], spelling: 0 };

const attempts: fc.Arbitrary<Attempt> = fc.record({
  parameter: fc.nat(3),
  pieces: fc.oneof(
    fc.constant([NAMED]),
    fc.array(
      fc.oneof(
        fc.constantFrom(NAMED, OUTSIDE, BYSTANDER, WHO, 'secret', 'members', 'machines'),
        fc.constantFrom('.', '..', '/', '/', '\\', '%2e', '%2F', '%', ' ', '?', '#', ';', 'é'),
      ),
      { minLength: 1, maxLength: 5 },
    ),
  ),
  spelling: fc.nat(SPELLINGS.length - 1),
});

/** Text of a segment; null: it is none that can be read. */
function read(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** Whether a proxy, a client or a log could take the path for another one; written from RFC 3986, not from the server. */
function hasOtherSpelling(path: string): boolean {
  const segments = path.split('/').slice(1);
  return (
    new URL(`http://x${path.split('?')[0]}`).pathname !== path ||
    segments.some((segment) => {
      const text = read(segment);
      return (
        text === null || text === '' || text.split(/[/\\]/).some((part) => part === '.' || part === '..')
      );
    })
  );
}

/** The rows whose route a path is of, segment by segment, each with what its parameters are. */
function routesOf(method: string, path: string) {
  const segments = path.split('/');
  return rows.flatMap((row) => {
    const template = pathOf(row.route).split('/');
    const isOf =
      row.route.startsWith(`${method} `) &&
      template.length === segments.length &&
      template.every((part, index) =>
        isParameter(part) ? segments[index] !== '' : part === segments[index],
      );
    const project = template.indexOf('{project}');
    return isOf ? [{ row, project: project < 0 ? INSIDE : read(segments[project] ?? '') }] : [];
  });
}

describe('whoever acts in one project, by whatever route and however a name is written (V3, V7)', () => {
  let world: World;
  let askers: readonly Actor[];
  const acted = new Set<string>();
  beforeAll(async () => {
    world = await startWorld([CELLS]);
    await world.prepare('POST', '/groups', { name: BYSTANDER });
    await world.prepare('POST', '/templates', {
      ...{ name: BYSTANDER, capabilities: {}, projectScope: 'All' },
    });
    await world.prepare('POST', '/invites', { emails: [WHO] });
    askers = [
      world.actor(`member with ${CELLS.join(' + ')}`),
      await automation(world, 'automation of one project', ABILITIES, [INSIDE]),
      await machine(world, 'ready', [INSIDE]),
    ];
  });
  afterAll(() => world.close());

  /** What no request names: all of the other project, and who and what stands by. */
  async function untouched(): Promise<string> {
    const { members, groups, templates, projects, secrets } = await world.vault.snapshot();
    return JSON.stringify([
      members.filter(({ email }) => email === WHO),
      ...[groups, templates, projects].map((all) =>
        all.filter(({ name }) => name === BYSTANDER || name === OUTSIDE),
      ),
      secrets.filter(({ project }) => project === OUTSIDE),
    ]);
  }

  async function sent(asker: Actor, method: string, target: string, body: unknown) {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      ...asker.headers({ method, target, body: text }),
      host: 'x',
      connection: 'close',
      ...(text === ''
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const head = Buffer.from(`${[`${method} ${target} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`, 'latin1');
    return sendRaw(world.vault.server.port, Buffer.concat([head, Buffer.from(text)]), 10_000);
  }

  async function tried(row: Row, asker: Actor, { parameter, pieces, spelling }: Attempt): Promise<void> {
    const [method = ''] = row.route.split(' ');
    const { target, body } = await row.asks(world, INSIDE);
    await world.proven(0);
    const [path = '', query] = target.split('?');
    const segments = path.split('/');
    const places = pathOf(row.route)
      .split('/')
      .flatMap((part, index) => (isParameter(part) ? [index] : []));
    const place = places[parameter % places.length] ?? 0;
    const named = read(segments[place] ?? '') ?? '';
    const name = pieces.map((piece) => (piece === NAMED ? named : piece)).join('');
    // What names a bystander is another request, and a valid one.
    if (name === BYSTANDER || name === WHO) return;
    const spelled = SPELLINGS[spelling]?.(name) ?? '';
    const written = segments.with(place, spelled).join('/');
    const asks = row.usesUp === true ? await asker.another() : asker;
    const before = [await world.revisions(), await untouched()];
    const after = query === undefined ? '' : `?${query}`;
    const answer = await sent(asks, method, `${written}${after}`, body);
    const status = answer?.status ?? 0;
    const said = `${asker.name}: ${method} ${written}: ${status}`;
    const own = written.split(/[?#]/)[0] ?? '';
    if (row.machine !== 'token') expect(await untouched(), said).toBe(before[1]);
    // What is of the vault as a whole lists all of it.
    if (!/\{vaultId\}\/[^{]*$/.test(row.route)) {
      expect(answer?.body.includes(world.secretIds[OUTSIDE] ?? ''), said).toBe(false);
    }
    if (status >= 300 || status === 0) {
      expect(await world.revisions(), said).toBe(before[0]);
      return;
    }
    expect(hasOtherSpelling(own), said).toBe(false);
    const routes = routesOf(method, own);
    const lets = routes.filter(
      ({ row: one, project }) => project !== null && verdict(one, asks.kind, project) === 'through',
    );
    expect(lets.length, said).toBeGreaterThan(0);
    acted.add(asker.name);
    await row.restore?.(world);
  }

  it.each(withNames.map((row) => [[row.route, row.variant ?? []].flat().join(', '), row] as const))(
    '%s: what acts is what was let through, in that project alone',
    async (_, row) => {
      for (const asker of askers) {
        await fc.assert(
          fc.asyncProperty(attempts, (attempt) => tried(row, asker, attempt)),
          {
            numRuns: verdict(row, asker.kind, INSIDE) === 'through' ? 3 : 1,
            examples: verdict(row, asker.kind, INSIDE) === 'through' ? [[AS_IT_IS]] : [],
          },
        );
      }
      expect(world.vault.faults).toEqual([]);
    },
  );

  it('each of them was let through by some', () => {
    expect([...acted].sort()).toEqual(askers.map(({ name }) => name).sort());
  });
});
