import { loadPrometheus, type Metrics } from '#runtime/runtime.ts';
import { KEY_CONDITIONS, type KeyCondition } from './machinebinding/key/key-standing.ts';

/** What is told of the keys of bindings, as their statuses say it. */
export interface KeyCounts {
  observe(bindingUid: string, told: readonly KeyCondition[]): void;
  /** The binding is gone. */
  forget(bindingUid: string): void;
}

/** Counts bindings of this process by what is told of their keys. */
export async function countKeys(registry: Metrics['registry']): Promise<KeyCounts> {
  const { Gauge } = await loadPrometheus();
  const all = new Map<string, readonly KeyCondition[]>();
  new Gauge({
    name: 'seneschal_binding_keys',
    help: 'Bindings whose keys need somebody, by condition: RotationBlocked, OldKeyInUse, UnheldKey.',
    labelNames: ['condition'],
    registers: [registry],
    collect() {
      for (const condition of KEY_CONDITIONS) {
        this.set({ condition }, [...all.values()].filter((told) => told.includes(condition)).length);
      }
    },
  });
  return {
    observe: (uid, told) => void (told.length === 0 ? all.delete(uid) : all.set(uid, told)),
    forget: (uid) => void all.delete(uid),
  };
}
