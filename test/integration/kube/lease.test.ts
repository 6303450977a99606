import { describe, expect, onTestFinished, test } from 'vitest';
import {
  createLeaderElector,
  type KubeClient,
  LEASES,
  type LeaderElector,
  type LeaderElectorOptions,
} from '#kube/kube.ts';
import { adminClient, testNamespace } from '#test/control-plane/test-cluster.ts';
import { FakeClock } from '#test/fakes/kube-clock.ts';
import { until } from '#test/fakes/kube-until.ts';

const never = new AbortController().signal;

function elector(
  client: KubeClient,
  namespace: string,
  identity: string,
  clock: FakeClock,
  more: Partial<LeaderElectorOptions> = {},
): LeaderElector {
  return createLeaderElector({
    client,
    namespace,
    name: 'operator',
    identity,
    clock,
    random: () => 0,
    ...more,
  });
}

/** Advances a clock a second at a time until it is so: calls to the server take real time in between. */
async function advanceUntil(what: string, clock: FakeClock, isSo: () => boolean): Promise<number> {
  const from = clock.now();
  await until(what, async () => {
    if (isSo()) return true;
    await clock.advance(1_000);
    await new Promise((resolve) => setTimeout(resolve, 15));
    return isSo();
  });
  return clock.now() - from;
}

const holder = async (client: KubeClient, namespace: string) =>
  (await client.get(LEASES, { namespace, name: 'operator' })).spec?.holderIdentity;

describe('leader election on a Lease', () => {
  test('one leads; the other takes over when the lease is released', async () => {
    const admin = await adminClient();
    const namespace = await testNamespace(admin);
    const clock = new FakeClock();
    const [a, b] = [elector(admin, namespace, 'a', clock), elector(admin, namespace, 'b', clock)];
    const first = await a.acquire(never);
    expect([a.isLeader, first.transitions]).toEqual([true, 0]);
    let second: Awaited<ReturnType<LeaderElector['acquire']>> | undefined;
    void b.acquire(never).then((leadership) => {
      second = leadership;
    });
    await clock.advance(1_000);
    expect(second).toBeUndefined();
    await first.release();
    expect([a.isLeader, first.signal.aborted, await holder(admin, namespace)]).toEqual([false, true, '']);
    await advanceUntil('b leads', clock, () => second !== undefined);
    expect([b.isLeader, second?.transitions, await holder(admin, namespace)]).toEqual([true, 1, 'b']);
    await second?.release();
  });

  test('a leader that is gone is followed 15 s after its lease was last seen to change, whatever its clock said', async () => {
    const admin = await adminClient();
    const namespace = await testNamespace(admin);
    // The times in the lease are a day ahead of ours.
    await admin.create(LEASES, {
      metadata: { namespace, name: 'operator' },
      spec: {
        holderIdentity: 'gone',
        leaseDurationSeconds: 15,
        acquireTime: '2026-01-02T00:00:00.000000Z',
        renewTime: '2026-01-02T00:00:00.000000Z',
        leaseTransitions: 4,
      },
    });
    const clock = new FakeClock();
    const b = elector(admin, namespace, 'b', clock);
    let transitions: number | undefined;
    void b.acquire(never).then((leadership) => {
      transitions = leadership.transitions;
      onTestFinished(() => leadership.release());
    });
    await clock.advance(14_000);
    expect(b.isLeader).toBe(false);
    const waited = 14_000 + (await advanceUntil('b leads', clock, () => b.isLeader));
    expect(waited).toBeGreaterThanOrEqual(15_000);
    await until('it told so', () => transitions !== undefined);
    expect(transitions).toBe(5);
  });

  test('a leader that cannot renew stops leading after 10 s, before anybody else may begin', async () => {
    const admin = await adminClient();
    const namespace = await testNamespace(admin);
    const clock = new FakeClock();
    let away = false;
    const flaky = await adminClient();
    const replace = flaky.replace.bind(flaky);
    flaky.replace = (type, object, options) =>
      away ? new Promise(() => undefined) : replace(type, object, options);
    const leadership = await elector(flaky, namespace, 'a', clock).acquire(never);
    away = true;
    await clock.advance(9_000);
    expect(leadership.signal.aborted).toBe(false);
    await clock.advance(1_000);
    expect(leadership.signal.aborted).toBe(true);
  });

  test('a leader that finds another in its lease stops at once, and writes nothing more', async () => {
    const requests: string[] = [];
    const admin = await adminClient(({ verb, resource, code }) =>
      requests.push(`${verb} ${resource} ${code}`),
    );
    const namespace = await testNamespace(admin);
    const clock = new FakeClock();
    const a = elector(admin, namespace, 'a', clock);
    const leadership = await a.acquire(never);
    await admin.patch(LEASES, { namespace, name: 'operator' }, { spec: { holderIdentity: 'b' } });
    requests.length = 0;
    await advanceUntil('a knows', clock, () => leadership.signal.aborted);
    expect(a.isLeader).toBe(false);
    await leadership.release();
    expect(requests).toEqual(['replace leases 409', 'get leases 200']);
    expect(await holder(admin, namespace)).toBe('b');
  });

  test('waiting for the lease ends with the signal', async () => {
    const admin = await adminClient();
    const namespace = await testNamespace(admin);
    const clock = new FakeClock();
    const held = await elector(admin, namespace, 'a', clock).acquire(never);
    const stop = new AbortController();
    const waiting = elector(admin, namespace, 'b', clock).acquire(stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ reason: 'Aborted' });
    await held.release();
  });
});
