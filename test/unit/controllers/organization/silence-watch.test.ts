/** An outage over 10,000 objects, with a clock that the test moves: what is written, and how fast. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { OrganizationStores } from '#controllers/organization/objects.ts';
import { OrganizationMemory } from '#controllers/organization/organization-memory.ts';
import { StatusWriter } from '#controllers/organization/organization-status-writer.ts';
import { asked, failed, heard } from '#controllers/organization/silence.ts';
import { lookOnce, watchSilence } from '#controllers/organization/silence-watch.ts';
import { saysStale, withoutStale } from '#controllers/organization/statuses/silent.ts';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import type { Resource } from '#controllers/resources.ts';
import type { KubeClient } from '#kube/kube.ts';
import { WorkQueue } from '#runtime/queue.ts';
import type { Logger } from '#runtime/runtime.ts';
import { FakeClock } from '#test/fakes/kube-clock.ts';
import {
  desired,
  desiredMember,
  member,
  memberObject,
  NOW,
  ORGANIZATION,
  objects,
  outcome,
  state,
} from './pass.ts';

const MINUTE = 60_000;
const MEMBERS = Array.from({ length: 10_000 }, (_, index) => `member-${index}`);
const signal = new AbortController().signal;

/** A cluster in memory, where the statuses that are written are there at once. */
class Cluster {
  readonly clock = new FakeClock(NOW);
  /** Of the controllers of this process. */
  readonly queue = new WorkQueue(this.clock);
  readonly writes: string[] = [];
  readonly woken: string[] = [];
  readonly lost: string[] = [];
  /** Number of writes by second of the clock. */
  readonly bySecond = new Map<number, number>();
  readonly session: OrganizationMemory;
  readonly writer: StatusWriter;
  organization: Resource<'Organization'>;
  readonly byName: Map<string, Resource<'Member'>>;
  onWrite = (): void => undefined;
  #version = 10;

  constructor(names: readonly string[], organization = 'acme') {
    const log = { child: () => log } as unknown as Logger;
    this.session = new OrganizationMemory(`acme/${organization}`, 'installation', NOW, log);
    this.writer = new StatusWriter({ applyStatus: this.apply } as unknown as KubeClient);
    const uid = `uid-${organization}`;
    this.organization = { ...ORGANIZATION, metadata: { ...ORGANIZATION.metadata, name: organization, uid } };
    this.byName = new Map(names.map((name) => [name, memberObject(name)]));
    for (const { object, status } of this.passPatches()) this.#store(object.metadata.name, status);
  }

  get members(): Resource<'Member'>[] {
    return [...this.byName.values()];
  }

  dependencies() {
    const none = { byIndex: () => [] };
    const stores = {
      organizations: { get: () => this.organization },
      members: { byIndex: () => this.members },
      groups: none,
      templates: none,
      projects: none,
      bindings: none,
      approvals: none,
    } as unknown as OrganizationStores;
    return {
      stores,
      writer: this.writer,
      clock: this.clock,
      isBusy: () => this.queue.hasReady,
      sessions: () => [this.session],
      wake: (key: string) => void this.woken.push(key),
      lost: (session: OrganizationMemory) => void this.lost.push(session.key),
      onFailure: (error: unknown) => {
        throw error;
      },
    };
  }

  /** The vault answers from now on. */
  hear(): void {
    this.session.contact = asked(heard(this.clock.now()), this.clock.now(), 60 * MINUTE);
  }

  /** What a pass over everything as declared says. */
  passPatches() {
    const names = this.members.map(({ metadata }) => metadata.name);
    return statusesOf(
      objects({ organization: this.organization, members: this.members }),
      desired({ members: names.map((name) => desiredMember(name)) }),
      outcome(state({ members: names.map((name) => member(name)) })),
      this.clock.now(),
    );
  }

  stale(): number {
    return this.members.filter(saysStale).length;
  }

  condition(type: string): string | undefined {
    const { conditions } = this.organization.status as {
      conditions: { type: string; status: string }[];
    };
    return conditions.find((one) => one.type === type)?.status;
  }

  readonly apply = async (_type: unknown, { name }: { name: string }, status: object) => {
    this.writes.push(name);
    this.onWrite();
    const second = Math.floor(this.clock.now() / 1_000);
    this.bySecond.set(second, (this.bySecond.get(second) ?? 0) + 1);
    return this.#store(name, status);
  };

  #store(name: string, status: object): Resource {
    this.#version += 1;
    const metadata = (before: Resource['metadata']) => ({
      ...before,
      resourceVersion: String(this.#version),
    });
    if (name === this.organization.metadata.name) {
      this.organization = { ...this.organization, metadata: metadata(this.organization.metadata), status };
      return this.organization;
    }
    const before = this.byName.get(name);
    if (before === undefined) throw new Error(`no ${name}`);
    const after = { ...before, metadata: metadata(before.metadata), status };
    this.byName.set(name, after);
    return after;
  }
}

/** Two organizations of one process. */
function together(first: Cluster, second: Cluster) {
  const [one, other] = [first.dependencies(), second.dependencies()];
  const isOther = (name: string) => name === second.organization.metadata.name || second.byName.has(name);
  const stores = {
    ...one.stores,
    organizations: {
      get: ({ name }: { name: string }) => (isOther(name) ? second.organization : first.organization),
    },
    members: {
      byIndex: (_: string, key: string) => (key === second.session.key ? second.members : first.members),
    },
  } as unknown as OrganizationStores;
  const applyStatus: Cluster['apply'] = (type, ref, status) =>
    (isOther(ref.name) ? second : first).apply(type, ref, status);
  return {
    ...one,
    stores,
    writer: new StatusWriter({ applyStatus } as unknown as KubeClient),
    sessions: () => [...one.sessions(), ...other.sessions()],
  };
}

async function lookFor(cluster: Cluster, ms: number, everyMs = 1_000): Promise<void> {
  const end = cluster.clock.now() + ms;
  while (cluster.clock.now() < end) {
    cluster.clock.pass(everyMs);
    await lookOnce(cluster.dependencies(), signal);
  }
}

describe('an outage of a vault', () => {
  let cluster: Cluster;
  beforeEach(() => {
    cluster = new Cluster(MEMBERS.slice(0, 200));
    cluster.session.contact = failed(heard(NOW));
  });

  it('of ten minutes writes the Organization alone: once that nobody knows, once that the vault is away', async () => {
    await lookFor(cluster, 10 * MINUTE);
    expect(cluster.writes).toEqual(['acme', 'acme']);
    expect([cluster.condition('Connected'), cluster.condition('Ready')]).toEqual(['False', 'False']);
    cluster.hear();
    await lookFor(cluster, MINUTE);
    expect(cluster.writes).toHaveLength(2);
    expect(cluster.woken).toEqual(['acme/acme']);
  });

  it('of an hour says of every other object once that it is stale, at most 50 a second, and takes it back alike', async () => {
    cluster = new Cluster(MEMBERS);
    cluster.session.contact = failed(heard(NOW));
    await lookFor(cluster, 15 * MINUTE - 1_000);
    expect(cluster.stale()).toBe(0);
    await lookFor(cluster, 45 * MINUTE, 1_000);
    expect(cluster.stale()).toBe(10_000);
    expect(cluster.writes).toHaveLength(10_002);
    expect(new Set(cluster.writes).size).toBe(10_001);
    const ready = cluster.members.map(({ status }) =>
      (status as { conditions: { type: string; status: string }[] }).conditions.find(
        ({ type }) => type === 'Ready',
      ),
    );
    expect(new Set(ready.map((one) => one?.status))).toEqual(new Set(['True']));

    cluster.hear();
    await lookFor(cluster, 200_000);
    expect(cluster.stale()).toBe(0);
    expect(cluster.writes).toHaveLength(20_002);
    expect(Math.max(...cluster.bySecond.values())).toBe(50);
  });

  it('that ends before everything was said leaves the rest unsaid, and a pass writes none for it alone', async () => {
    await lookFor(cluster, 15 * MINUTE + 1_000);
    const said = cluster.stale();
    expect(said).toBe(100);
    cluster.hear();
    const patches = cluster.passPatches();
    expect(cluster.writer.changed(patches, false).map(({ kind }) => kind)).toEqual(['Organization']);
    expect(patches.map(withoutStale).every(({ object, status }) => !saysStale({ ...object, status }))).toBe(
      true,
    );
    await lookFor(cluster, MINUTE);
    expect(cluster.stale()).toBe(0);
    expect(new Set(cluster.writes).size).toBe(said + 1);
  });
});

describe('while a controller has something ready', () => {
  let cluster: Cluster;
  beforeEach(() => {
    cluster = new Cluster(MEMBERS.slice(0, 60));
    cluster.session.contact = failed(heard(NOW - 16 * MINUTE));
  });

  it('that others may be old is written later, and the Organization at once', async () => {
    cluster.queue.add('acme/other');
    await lookFor(cluster, 3_000);
    expect([cluster.writes, cluster.stale()]).toEqual([['acme'], 0]);
    // It runs now: nothing waits behind it.
    expect(cluster.queue.take()?.key).toBe('acme/other');
    await lookFor(cluster, 1_000);
    expect(cluster.stale()).toBe(50);
    await lookFor(cluster, 1_000);
    expect(cluster.stale()).toBe(60);
  });

  it('that came up meanwhile, the rest of a look is left for a later one', async () => {
    // The Organization, and ten members.
    cluster.onWrite = () => {
      if (cluster.writes.length === 11) cluster.queue.add('acme/other');
    };
    await lookFor(cluster, 2_000);
    expect(cluster.stale()).toBe(10);
    cluster.queue.take();
    await lookFor(cluster, 2_000);
    expect(cluster.stale()).toBe(60);
  });

  it('it is taken back later too; what is not due yet keeps nothing', async () => {
    await lookFor(cluster, 2_000);
    cluster.hear();
    cluster.queue.add('acme/other');
    await lookFor(cluster, 2_000);
    expect(cluster.stale()).toBe(60);
    cluster.queue.take();
    cluster.queue.done('acme/other');
    cluster.queue.add('acme/other', { afterMs: MINUTE });
    await lookFor(cluster, 2_000);
    expect(cluster.stale()).toBe(0);
  });
});

it('an organization that no write was left for is looked at in the next second, as one that was not looked at', async () => {
  const first = new Cluster(MEMBERS.slice(0, 48));
  const second = new Cluster(['theirs'], 'second');
  for (const { session } of [first, second]) session.contact = failed(heard(NOW - 16 * MINUTE));
  const dependencies = together(first, second);
  // The first Organization, its members, and the second Organization are fifty.
  await lookOnce(dependencies, signal);
  expect([first.writes.length, second.writes, second.stale()]).toEqual([49, ['second'], 0]);
  first.clock.pass(1_000);
  await lookOnce(dependencies, signal);
  expect(second.stale()).toBe(1);
});

it('what a process before this one said is taken back by this one', async () => {
  const cluster = new Cluster(MEMBERS.slice(0, 3));
  cluster.session.contact = failed(heard(NOW - 16 * MINUTE));
  await lookOnce(cluster.dependencies(), signal);
  expect(cluster.stale()).toBe(3);
  const next = new Cluster([]);
  next.organization = cluster.organization;
  for (const [name, one] of cluster.byName) next.byName.set(name, one);
  next.hear();
  await lookOnce(next.dependencies(), signal);
  expect(next.stale()).toBe(0);
});

it('it is looked once a second for as long as the process leads', async () => {
  const cluster = new Cluster(MEMBERS.slice(0, 1));
  cluster.session.contact = failed(heard(NOW));
  const leading = new AbortController();
  const watching = watchSilence(cluster.dependencies(), leading.signal);
  await cluster.clock.advance(31_000);
  expect(cluster.condition('Connected')).toBe('Unknown');
  // It may hang, with no call that failed yet.
  expect(cluster.lost).toContain(cluster.session.key);
  leading.abort();
  await watching;
});
