import { expect, onTestFinished, test } from 'vitest';
import { createKindCache } from '#controllers/kind-cache.ts';
import { type KubeClient, KubeError, type WatchOptions } from '#kube/kube.ts';
import { memberObject, NAMESPACE } from './organization/pass.ts';

test.each([
  ['of all namespaces', null],
  ['of the namespaces that it was told', [NAMESPACE]],
])('a cache %s is whole only while its watch stands (rail 6)', async (_, namespaces) => {
  const call = { verb: 'watch', resource: 'members' };
  const breaks = Promise.withResolvers<void>();
  const opened: Promise<never>[] = [];
  const client = {
    list: async () => ({ items: [memberObject('alice')], resourceVersion: '7' }),
    async *watch(_type: unknown, { onOpen }: WatchOptions) {
      onOpen?.();
      opened.push(new Promise<never>(() => {}));
      if (opened.length > 1) await opened[1];
      await breaks.promise;
      yield* [];
      throw new KubeError(call, { code: 500, reason: 'InternalError' });
    },
  } as unknown as KubeClient;
  const cache = createKindCache('Member', { client, namespaces });
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const turns: boolean[] = [];
  const moved = (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    cache.onState(() => resolve());
    return promise;
  };
  turns.push(cache.isComplete(NAMESPACE));
  const live = moved();
  cache.start(ending.signal);
  await live;
  turns.push(cache.isComplete(NAMESPACE));
  const broken = moved();
  breaks.resolve();
  await broken;
  turns.push(cache.isComplete(NAMESPACE), cache.store.size === 1);
  await moved();
  turns.push(cache.isComplete(NAMESPACE));
  expect(turns).toEqual([false, true, false, true, true]);
});
