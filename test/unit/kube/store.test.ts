import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KubeObject, keyOf, refOf, Store } from '#kube/kube.ts';

const object = (namespace: string, name: string, team: string): KubeObject => ({
  metadata: { namespace, name, labels: { team } },
});

test('an index gives exactly the objects that have the value, whatever was set and deleted before', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const team = fc.constantFrom('red', 'blue');
  const step = fc.oneof(
    fc.record({ do: fc.constant('set' as const), name, team }),
    fc.record({ do: fc.constant('delete' as const), name, team }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const store = new Store<KubeObject>({ team: (it) => [it.metadata.labels?.team ?? ''] });
      const model = new Map<string, string>();
      for (const it of steps) {
        if (it.do === 'set') {
          store.set(object('n', it.name, it.team));
          model.set(it.name, it.team);
        } else {
          store.delete({ namespace: 'n', name: it.name });
          model.delete(it.name);
        }
      }
      for (const value of ['red', 'blue']) {
        const expected = [...model].filter(([, its]) => its === value).map(([key]) => key);
        expect(
          store
            .byIndex('team', value)
            .map((it) => it.metadata.name)
            .sort(),
        ).toEqual(expected.sort());
      }
      expect(store.size).toBe(model.size);
    }),
  );
});

test('a key names an object and nothing else', () => {
  expect(keyOf({ namespace: 'n', name: 'a.b' })).toBe('n/a.b');
  expect(refOf('n/a.b')).toEqual({ namespace: 'n', name: 'a.b' });
  expect(refOf('cluster-scoped')).toEqual({ name: 'cluster-scoped' });
});

test('an index that was never declared is an error, not an empty answer', () => {
  expect(() => new Store().byIndex('team', 'red')).toThrow('no index named team');
});
