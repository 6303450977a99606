import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { setValues } from '#test/builders/machine.ts';
import { PASSWORD } from '#test/builders/vault.ts';
import { seedOfRun } from '#test/e2e/world/random.ts';
import { verifyChain } from '#vault/audit/chain.ts';
import { CELLS, INSIDE } from '../authorization/oracle.ts';
import { startWorld, type World } from '../authorization/world.ts';
import { startLoudVault } from './loud-vault.ts';
import { type RawAnswer, sendRaw } from './raw-http.ts';
import {
  type Composed,
  composed,
  type Document,
  type Request,
  requests,
  type Things,
  thingsOf,
} from './requests.ts';

const REQUESTS = Number(
  process.env.SENESCHAL_FUZZ_REQUESTS ??
    (process.env.SENESCHAL_TEST_DATABASE === 'postgres' ? 2_000 : 20_000),
);
const SEED = seedOfRun();
/** After so many a vault is in a state that refuses most: sessions over, machines revoked, the owner gone. */
const A_WORLD = 1_000;

/** In every value, password and token that is sent or stored; it leaves by reads of machines alone. */
const CANARY = 'canary-5f0e8a';
const stored = (n: string): string => `${CANARY} ${n}`;

interface Run {
  readonly world: World;
  readonly things: Things;
  sent: number;
}

let run: Run | null = null;
let lines: string[] = [];
let faults: object[] = [];
afterAll(async () => {
  await run?.world.close();
});

it(`${REQUESTS} requests, valid and broken, are answered, refused in the form of their plane, and show no secret (V2, V5, V7)`, async () => {
  console.log(`fuzz: SENESCHAL_SEED=${SEED} SENESCHAL_FUZZ_REQUESTS=${REQUESTS}`);
  run = await newRun();
  const { document, actors } = await known(run.world);
  const answered = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(requests(document, actors), async (request) => {
      const now = await current();
      const outgoing = composed(request, now.world.actor(request.actor), now.things);
      // A poll may wait for what never comes.
      const answer = await sendRaw(now.world.vault.server.port, outgoing.bytes, 20_000);
      expect(wrongWith(request, outgoing, answer)).toEqual([]);
      const status = `${answer?.status ?? 'closed'}`;
      answered.set(status, (answered.get(status) ?? 0) + 1);
    }),
    { numRuns: REQUESTS, seed: SEED, interruptAfterTimeLimit: 280_000 },
  );
  console.log(
    `fuzz: ${[...answered]
      .sort()
      .map(([status, count]) => `${status}: ${count}`)
      .join(', ')}`,
  );
  expect(await chainFault(run.world)).toBeNull();
}, 300_000);

async function newRun(): Promise<Run> {
  faults = [];
  lines = [];
  const world = await startWorld([CELLS], (clock) =>
    startLoudVault(
      clock,
      (line) => lines.push(line),
      (fault) => faults.push(fault),
    ),
  );
  await setValues(world.vault, { [`${INSIDE}/secret`]: stored('value') });
  return { world, things: { ...(await thingsOf(world, stored)), password: PASSWORD }, sent: 0 };
}

/** The world of this request: a new one now and then, its clock a moment further. */
async function current(): Promise<Run> {
  if (run === null || run.sent >= A_WORLD) {
    const over = run;
    run = await newRun();
    if (over !== null) expect(await chainFault(over.world)).toBeNull();
    await over?.world.close();
  }
  run.sent += 1;
  run.world.clock.advance(100);
  return run;
}

async function known(world: World): Promise<{ document: Document; actors: string[] }> {
  const { body } = await world.actor('nobody').ask('GET', '/api/v1/openapi.json');
  return { document: body as Document, actors: world.actors.map(({ name }) => name) };
}

/** What is wrong with an answer, in words; the answer itself is not shown, it may hold what it must not. */
function wrongWith(request: Request, { method, target }: Composed, answer: RawAnswer | null): string[] {
  const wrong: string[] = [];
  const said = lines.splice(0).join('\n');
  if (shows(said, [CANARY, PASSWORD])) wrong.push('a secret is in the log');
  if (faults.length > 0) wrong.push(`the server is at fault: ${JSON.stringify(faults.splice(0))}`);
  if (answer === null) return [...wrong, 'the connection was closed without an answer'];
  const { status, headers, body } = answer;
  if (status >= 500) wrong.push(`status ${status}`);
  const isMachines = target.startsWith('/v1/');
  const isRead = status === 200 && (isMachines || request.route.endsWith('/sync'));
  if (!isRead && shows(body, [CANARY, PASSWORD])) wrong.push(`a secret is in the answer of ${status}`);
  if (status < 400 || method === 'HEAD') return wrong;
  const type = headers.get('content-type');
  if (isMachines && RUN.has(type ?? '')) {
    return isRunRefusal(target, body) ? wrong : [...wrong, `${status}: ${body}`];
  }
  const expected = isMachines ? 'application/json' : 'application/problem+json';
  if (type !== expected) wrong.push(`${status} of ${type}`);
  else if (!(isMachines ? isMachineRefusal(body) : isProblem(body, status))) wrong.push(`${status}: ${body}`);
  return wrong;
}

function shows(text: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => text.includes(secret));
}

/** What whoever bootstraps runs, a refusal too. */
const RUN = new Set(['text/x-shellscript', 'text/x-powershell', 'application/yaml']);

function isRunRefusal(target: string, body: string): boolean {
  return target.startsWith('/v1/bootstrap/') && body.includes('bootstrap: refused: ');
}

/** `{"error": "<text>"}` and no other key. */
function isMachineRefusal(body: string): boolean {
  const value = parsed(body);
  return Object.keys(value).join() === 'error' && typeof value.error === 'string';
}

/** RFC 9457 with a code. */
function isProblem(body: string, status: number): boolean {
  const value = parsed(body);
  const texts = [value.type, value.title, value.code, value.detail];
  return value.status === status && texts.every((text) => typeof text === 'string' && text !== '');
}

function parsed(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return {};
  }
}

async function chainFault({ vault }: World): Promise<unknown> {
  const { reader } = vault.context;
  const head = await reader
    .selectFrom('vaults')
    .selectAll()
    .where('id', '=', vault.vaultId)
    .executeTakeFirst();
  const links = await reader
    .selectFrom('audit_entries')
    .selectAll()
    .where('vault_id', '=', vault.vaultId)
    .orderBy('sequence')
    .execute();
  const verdict = verifyChain(vault.vaultId, links);
  if (head === undefined) return null;
  return verdict.intact && verdict.hash === head.audit_hash ? null : verdict;
}
