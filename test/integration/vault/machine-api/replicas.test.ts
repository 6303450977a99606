import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientOf, newMachine, setValues } from '#test/builders/machine.ts';
import { MovedClock, startTestVault, type TestVault } from '#test/builders/vault.ts';
import type { MachineClient } from '#test/fakes/machine-client.ts';
import { AddressList } from '#vault/common/addresses.ts';
import { DIRECT } from '#vault/http/network.ts';

const SECOND = 1_000;
const INTERVAL = 15 * SECOND;
const CHANGES = 20;
/** The addresses beside; `npm run soak` takes 100,000. */
const ADDRESSES = Number(process.env.SENESCHAL_ADDRESSES ?? 1_000);

const AT_ONCE = 32;

describe('replicas that share one identity', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let client: MachineClient;
  let machine: Awaited<ReturnType<typeof newMachine>>;
  let cookie: string;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({
      clock,
      network: { ...DIRECT, trustedProxies: new AddressList(['127.0.0.1']) },
    });
    cookie = (await setValues(vault, { 'web/cookie': 'c0' }))['web/cookie'] ?? '';
    machine = await newMachine(vault, 'web', [{ project: 'web', secrets: ['cookie'] }]);
    ({ client } = machine);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const send = (source: string, method: 'GET' | 'POST', target: string, body?: string) =>
    client.send(method, target, body, { now: clock.now(), headers: { 'x-forwarded-for': source } });
  const read = async (source: string): Promise<string> =>
    ((await send(source, 'GET', `/v1/secret/${cookie}`)).body as { value: string }).value;
  const poll = async (source: string): Promise<unknown> => {
    const { status, body } = await send(
      source,
      'POST',
      '/v1/secrets/poll',
      JSON.stringify({ watch: [cookie] }),
    );
    return status === 200
      ? (body as { changes: Record<string, { status: string }> }).changes[cookie]?.status
      : status;
  };
  const sources = () => vault.context.reader.selectFrom('poll_sources').selectAll().execute();

  /** A process with the public client's habits: it reads once, and again when it is told. */
  class Pod {
    readonly source: string;
    value = '';

    constructor(source: string) {
      this.source = source;
    }
    async start(): Promise<void> {
      this.value = await read(this.source);
    }
    async poll(): Promise<void> {
      if ((await poll(this.source)) === 'changed') this.value = await read(this.source);
    }
  }

  /** One round: each pod polls at its place within the interval. */
  async function round(pods: readonly Pod[], between: () => Promise<void> = async () => {}): Promise<void> {
    for (const pod of pods) {
      clock.advance(INTERVAL / pods.length);
      await between();
      await pod.poll();
    }
  }

  for (const [where, source] of [
    ['one address', () => '10.0.0.1'],
    ['five addresses', (n: number) => `10.0.0.${n}`],
  ] as const) {
    it(`each learn of each of 20 changes, from ${where}, over a restart of the server`, async () => {
      const pods = Array.from({ length: 5 }, (_, n) => new Pod(source(n)));
      for (const pod of pods) await pod.start();
      await round(pods);
      for (let n = 1; n <= CHANGES; n += 1) {
        await setValues(vault, { 'web/cookie': `c${n}` });
        if (n % 5 === 0) {
          await vault.restart();
          client = clientOf(vault, { id: machine.id, name: 'web' }, machine.keys);
        }
        await round(pods);
        expect(pods.map(({ value }) => value)).toEqual(pods.map(() => `c${n}`));
      }
    });
  }

  it('each learn of each of 20 changes beside polls from any number of addresses, which leave no trace', async () => {
    const pods = Array.from({ length: 5 }, (_, n) => new Pod(`10.0.0.${n}`));
    for (const pod of pods) await pod.start();
    const before = heap();
    let asked = 0;
    const flood = async (): Promise<void> => {
      for (const until = asked + ADDRESSES / CHANGES / pods.length; asked < until; ) {
        const polls = Array.from({ length: Math.min(AT_ONCE, until - asked) }, () => {
          const n = asked++;
          return poll(`172.${16 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`);
        });
        await Promise.all(polls);
        clock.advance(100);
      }
    };
    for (let n = 1; n <= CHANGES; n += 1) {
      await setValues(vault, { 'web/cookie': `c${n}` });
      await round(pods, flood);
      expect(pods.map(({ value }) => value)).toEqual(pods.map(() => `c${n}`));
      expect((await sources()).length).toBeLessThanOrEqual(64);
    }
    expect(asked).toBe(ADDRESSES);
    expect((heap() - before) / 2 ** 20).toBeLessThan(64);
  }, 1_800_000);

  it('write nothing while nothing changes', async () => {
    const pods = Array.from({ length: 5 }, (_, n) => new Pod(`10.0.0.${n % 2}`));
    for (const pod of pods) await pod.start();
    for (let n = 0; n < 3; n += 1) await round(pods);
    const before = await sources();
    for (let n = 0; n < 3; n += 1) await round(pods);
    for (const pod of pods) await read(pod.source);
    // Beside other replicas each poll tells them when it was: whether two are close is seen by none of them alone.
    const told = ({ last_at: _, shared_at: __, ...rest }: (typeof before)[number]) => rest;
    const { hasReplicas } = vault.context;
    const after = await sources();
    expect(hasReplicas ? after.map(told) : after).toEqual(hasReplicas ? before.map(told) : before);
  });

  it('go with their machine', async () => {
    await poll('10.0.0.1');
    expect(await sources()).toHaveLength(1);
    await vault.context.bookkeep((db) => db.deleteFrom('machines').where('id', '=', machine.id).execute());
    expect(await sources()).toEqual([]);
  });
});

/** Bytes in use after a collection. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
