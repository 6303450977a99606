import { describe, expect, onTestFinished, test } from 'vitest';
import {
  createWatcher,
  type KubeError,
  type KubeObject,
  type ResourceType,
  type Watcher,
  type WatcherOptions,
} from '#kube/kube.ts';
import { FakeClock } from '#test/fakes/kube-clock.ts';
import {
  type Answer,
  event,
  type FakeKubeServer,
  fakeKubeServer,
  listOf,
  status,
  watchOf,
} from '#test/fakes/kube-server.ts';
import { until } from '#test/fakes/kube-until.ts';

const THINGS: ResourceType = {
  group: 'example.com',
  version: 'v1',
  resource: 'things',
  kind: 'Thing',
  namespaced: true,
};

interface Watching {
  readonly server: FakeKubeServer;
  readonly watcher: Watcher;
  readonly clock: FakeClock;
  readonly changes: string[];
  readonly failures: KubeError[];
  readonly watches: () => string[];
}

async function watching(script: Answer[], more: Partial<WatcherOptions<KubeObject>> = {}): Promise<Watching> {
  const server = await fakeKubeServer(...script);
  const clock = new FakeClock();
  const changes: string[] = [];
  const failures: KubeError[] = [];
  const watcher = createWatcher({
    client: server.client(),
    type: THINGS,
    clock,
    random: () => 0.5,
    onFailure: (error) => failures.push(error),
    ...more,
  });
  watcher.onChange(({ type, object }) =>
    changes.push(`${type} ${object.metadata.name} ${object.metadata.resourceVersion}`),
  );
  const stop = new AbortController();
  onTestFinished(async () => {
    stop.abort();
    await server.close();
  });
  watcher.start(stop.signal);
  const watches = () => server.requests.filter((request) => request.includes('watch=1'));
  return { server, watcher, clock, changes, failures, watches };
}

const versionOf = (request: string | undefined) =>
  new URL(`http://host${request?.split(' ')[1]}`).searchParams.get('resourceVersion');
const item = (name: string, resourceVersion: string) => ({
  metadata: { namespace: 'default', name, uid: `uid-${name}`, resourceVersion },
});

describe('a watcher of a server that misbehaves', () => {
  test('asks for bookmarks and a random time between 300 and 600 s, and goes on from the last bookmark', async () => {
    const it = await watching([
      listOf('10', item('a', '5')),
      watchOf([event('ADDED', 'b', '11'), event('BOOKMARK', '', '20')], 'reset'),
      watchOf([event('ADDED', 'c', '21')]),
    ]);
    await until('the reset was seen', () => it.failures.length === 1);
    await it.clock.advance(60_000);
    await until('the last came', () => it.changes.length === 3);
    expect(it.changes).toEqual(['added a 5', 'added b 11', 'added c 21']);
    const [first, second] = it.watches();
    expect(first).toContain('allowWatchBookmarks=true');
    expect(first).toContain('timeoutSeconds=450');
    expect([versionOf(first), versionOf(second)]).toEqual(['10', '20']);
  });

  test('drops the half of a line that a reset left, and gets the event again', async () => {
    const whole = `${JSON.stringify(event('MODIFIED', 'a', '12'))}\n`;
    const it = await watching([
      listOf('10', item('a', '5')),
      watchOf([event('MODIFIED', 'a', '11'), whole.slice(0, 30)], 'reset'),
      watchOf([whole]),
    ]);
    await until('the reset was seen', () => it.failures.length === 1);
    await it.clock.advance(60_000);
    await until('the last came', () => it.changes.length === 3);
    expect(it.changes).toEqual(['added a 5', 'modified a 11', 'modified a 12']);
    expect(versionOf(it.watches()[1])).toBe('11');
  });

  test('drops events that are repeated or older than what it has seen, a stale deletion too', async () => {
    const it = await watching([
      listOf('10', item('a', '9')),
      watchOf([
        event('MODIFIED', 'a', '8'),
        event('DELETED', 'a', '10'),
        event('MODIFIED', 'a', '11'),
        event('MODIFIED', 'a', '11'),
        event('ADDED', 'b', '100'),
        event('MODIFIED', 'b', '99'),
        event('ADDED', 'c', '101'),
      ]),
    ]);
    await until('the last came', () => it.changes.length >= 4);
    expect(it.changes).toEqual(['added a 9', 'modified a 11', 'added b 100', 'added c 101']);
  });

  test('lists anew after 410, whether as an answer or as an event, and tells what was missed', async () => {
    const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } };
    const it = await watching([
      listOf('10', item('a', '5'), item('b', '6')),
      watchOf([event('MODIFIED', 'a', '11'), gone]),
      listOf('30', item('a', '11'), item('c', '29')),
      status(410, 'Expired'),
      listOf('40', { metadata: { namespace: 'default', name: 'c', uid: 'another', resourceVersion: '39' } }),
      watchOf([]),
    ]);
    await until('the second 410 was seen', () => it.failures.length === 2);
    await it.clock.advance(60_000);
    await until('the last list was read', () => it.watches().length === 3);
    expect(it.changes).toEqual([
      'added a 5',
      'added b 6',
      'modified a 11',
      'deleted b 6',
      'added c 29',
      // Deleted and made again under its old name: two changes, because the UID is another one.
      'deleted a 11',
      'deleted c 29',
      'added c 39',
    ]);
    expect(it.watches().map(versionOf)).toEqual(['10', '30', '40']);
  });

  test('a frozen peer is left after 150 s without a byte', async () => {
    const it = await watching([
      listOf('10'),
      watchOf([event('ADDED', 'a', '11')]),
      watchOf([event('ADDED', 'b', '12')]),
    ]);
    await until('the first came', () => it.changes.length === 1);
    await it.clock.advance(149_000);
    expect(it.watches()).toHaveLength(1);
    await it.clock.advance(2_000);
    await until('the watch was given up', () => it.failures.length === 1);
    await it.clock.advance(60_000);
    await until('the second came', () => it.changes.length === 2);
    expect(versionOf(it.watches()[1])).toBe('11');
  });

  test('429 and 503 wait as long as the server says', async () => {
    const it = await watching([
      listOf('10'),
      status(429, 'TooManyRequests', { details: { retryAfterSeconds: 40 } }),
      watchOf([event('ADDED', 'a', '11')]),
    ]);
    await until('the refusal was seen', () => it.failures.length === 1);
    await it.clock.advance(39_000);
    expect(it.watches()).toHaveLength(1);
    await it.clock.advance(2_000);
    await until('it came', () => it.changes.length === 1);
  });

  test('a server error in the list says nothing about what exists: not synced, and no change is told (rail 6)', async () => {
    const it = await watching([status(500, 'InternalError'), listOf('10', item('a', '5')), watchOf([])]);
    await until('the error was seen', () => it.failures.length === 1);
    expect(it.watcher.hasSynced()).toBe(false);
    expect(it.watcher.state).toBe('syncing');
    expect(it.changes).toEqual([]);
    await it.clock.advance(60_000);
    await it.watcher.untilSynced();
    expect(it.changes).toEqual(['added a 5']);
  });

  test('a page that fails leaves the list unread as a whole (rail 6)', async () => {
    const page: Answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ metadata: { resourceVersion: '10', continue: 'more' }, items: [item('a', '5')] }),
      );
    };
    const it = await watching([
      page,
      status(410, 'Expired'),
      listOf('12', item('a', '5'), item('b', '6')),
      watchOf([]),
    ]);
    await it.watcher.untilSynced();
    expect(it.changes).toEqual(['added a 5', 'added b 6']);
    expect(it.failures.map(({ code }) => code)).toEqual([410]);
  });

  test('access that is taken away empties the cache without telling of a deletion', async () => {
    const it = await watching([
      listOf('10', item('a', '5')),
      watchOf([], 'reset'),
      status(403, 'Forbidden'),
      listOf('20', item('a', '5')),
      watchOf([]),
    ]);
    await until('the reset was seen', () => it.failures.length === 1);
    await it.clock.advance(1_000);
    await until('the refusal was seen', () => it.failures.length === 2);
    expect([it.watcher.state, it.watcher.hasSynced(), it.watcher.store.size]).toEqual([
      'forbidden',
      false,
      0,
    ]);
    await it.clock.advance(60_000);
    await it.watcher.untilSynced();
    expect(it.changes).toEqual(['added a 5', 'added a 5']);
  });
});
