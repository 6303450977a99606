import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LeaseHolder } from '#model/organization.ts';
import type { Fence, Problem } from '#protocol/management.ts';
import { MANAGER, MovedClock, OTHER_MANAGER, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { handOver } from '#vault/reconciliation/lease.ts';

/**
 * What is known of the lease from what everybody saw, without the row: whose it stays (`keeper`), who runs with it, who
 * was promised it.
 */
interface Model {
  keeper: Who | null;
  running: { readonly who: Who; readonly fence: Fence | null; until: number } | null;
  promised: { readonly to: Who; readonly until: number } | null;
}

interface Who {
  readonly manager: string;
  readonly installation: string;
  readonly holder: LeaseHolder;
}

const WHO: readonly Who[] = [
  { manager: MANAGER, installation: 'east', holder: 'Operator' },
  { manager: MANAGER, installation: 'west', holder: 'Operator' },
  { manager: OTHER_MANAGER, installation: 'east', holder: 'Operator' },
  { manager: OTHER_MANAGER, installation: 'north', holder: 'Operator' },
  { manager: MANAGER, installation: 'laptop', holder: 'CommandLine' },
  { manager: MANAGER, installation: 'runner', holder: 'CommandLine' },
];

const who = fc.constantFrom(...WHO);
const event = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('take' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), lends: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('release old' as const), back: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1_000, 20_000, 45_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('hand over' as const), to: fc.option(who.filter(isOperator)) }),
  },
);

function isOperator({ holder }: Who): boolean {
  return holder === 'Operator';
}

const isSame = (one: Who | null, other: Who): boolean =>
  one !== null && one.manager === other.manager && one.installation === other.installation;

let vault: TestVault;
const clock = new MovedClock();
beforeAll(async () => {
  vault = await startTestVault({ clock });
});
afterAll(() => vault[Symbol.asyncDispose]());

/** What the rule of rail 10 says of asking. */
function expected(
  { keeper, running, promised }: Model,
  asks: Who,
  now: number,
): 'taken' | 'LeaseHeld' | 'ManagementConflict' {
  const holder = running !== null && running.until > now ? running.who : null;
  if (isSame(holder, asks)) return 'taken';
  if (holder !== null) {
    if (holder.manager !== asks.manager) return 'ManagementConflict';
    if (isOperator(holder) && isOperator(asks)) return 'ManagementConflict';
    // An operator asks a command line to make room only for what is its own, or nobody's.
    if (isOperator(asks) && keeper !== null && !isSame(keeper, asks)) return 'ManagementConflict';
    return 'LeaseHeld';
  }
  const isLent = keeper !== null && running?.who !== keeper;
  const isForAsking =
    keeper === null ||
    isSame(keeper, asks) ||
    (keeper.installation === asks.installation && isOperator(asks)) ||
    (isLent && !isOperator(asks) && keeper.manager === asks.manager);
  if (!isForAsking) return 'ManagementConflict';
  const waits = promised !== null && promised.until > now && promised.to.manager === asks.manager;
  return waits && promised.to.installation !== asks.installation ? 'LeaseHeld' : 'taken';
}

it('rail 10: whatever comes, one writes, and nobody has what an operator did not give back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 25 }), async (events) => {
      const model: Model = { keeper: null, running: null, promised: null };
      const handedTo = async (to: Who | null) => {
        const { lease } = (await vault.changes('since=0&wait=0')).volatile;
        const seen = { from: lease, to };
        await vault.context.act(vault.vaultId, vault.owner, (act) => handOver(act, 'model', seen));
        Object.assign(model, {
          keeper: to,
          running: to === null ? null : { who: to, fence: null, until: 0 },
          promised: null,
        });
      };
      await handedTo(null);
      const fences: Fence[] = [];
      let highest = 0;
      for (const one of events) {
        const now = clock.now();
        switch (one.kind) {
          case 'take': {
            const should = expected(model, one.who, now);
            const { status, body } = await vault.request<Fence & Problem>('POST', '/lease', one.who);
            expect([one, status === 200 ? 'taken' : body.code]).toEqual([one, should]);
            if (should === 'taken') {
              const { manager, installation } = one.who;
              const fence = { manager, installation, fencing: body.fencing };
              expect(body.fencing).toBeGreaterThan(highest);
              highest = body.fencing;
              fences.push(fence);
              model.running = { who: one.who, fence, until: now + 45_000 };
              if (isOperator(one.who)) model.keeper = one.who;
              else if (model.keeper !== null && model.keeper.manager !== manager) model.keeper = null;
              if (model.promised?.to.installation === installation) model.promised = null;
            } else if (should === 'LeaseHeld' && model.running !== null && model.running.until > now) {
              model.promised = { to: one.who, until: now + 30_000 };
            }
            break;
          }
          case 'release':
          case 'release old': {
            const back = one.kind === 'release' ? 1 : one.back;
            const lends = one.kind === 'release' && one.lends;
            const fence = fences.at(-back);
            if (fence === undefined) break;
            await vault.request('DELETE', '/lease', { ...fence, lends });
            const { running, keeper } = model;
            if (running !== null && running.fence === fence) {
              if (isOperator(running.who) && !lends) model.keeper = null;
              model.running = null;
            } else if (
              keeper !== null &&
              running?.who !== keeper &&
              isSame(keeper, { ...keeper, ...fence }) &&
              !lends
            ) {
              // What it had lent, given back for good.
              model.keeper = null;
            }
            break;
          }
          case 'wait':
            clock.advance(one.ms);
            break;
          case 'hand over':
            await handedTo(one.to);
        }
        for (const fence of fences.slice(-3)) {
          const { status } = await vault.request('POST', '/sightings', { fence, sightings: [] });
          const { running } = model;
          const writes = running?.fence === fence && running.until > clock.now();
          expect([one, fence, status < 300]).toEqual([one, fence, writes]);
        }
      }
    }),
    { numRuns: 60 },
  );
});
