/** Writes the binding pass's part of a status, by server-side apply and only when it differs. */
import { isDeepStrictEqual } from 'node:util';
import { isNotFound, type KubeClient } from '#kube/kube.ts';
import { MACHINE_BINDINGS } from '../resources.ts';
import type { MachineBinding } from './input.ts';
import { type BindingStatus, ownStatus } from './readiness.ts';
import { compareVersions } from './secret-cache.ts';

/** The organization pass writes its part under a field manager of its own. */
const STATUS_MANAGER = 'seneschal-binding';

export class BindingStatusWriter {
  readonly #kube: KubeClient;
  /** What was written and has perhaps not come back through the watch yet, by UID. */
  readonly #written = new Map<string, MachineBinding>();

  constructor(kube: KubeClient) {
    this.#kube = kube;
  }

  /** The own part of a status: of the cache, or of the last write where that is newer. */
  current(binding: MachineBinding): BindingStatus {
    const uid = binding.metadata.uid ?? '';
    const written = this.#written.get(uid);
    if (written !== undefined && compareVersions(written, binding) > 0) return ownStatus(written.status);
    this.#written.delete(uid);
    return ownStatus(binding.status);
  }

  /** True if it was written. A binding that is gone is left. */
  async write(binding: MachineBinding, status: BindingStatus, signal: AbortSignal): Promise<boolean> {
    if (isDeepStrictEqual(sorted(this.current(binding)), sorted(status))) return false;
    const { namespace, name, uid } = binding.metadata;
    try {
      const options = { fieldManager: STATUS_MANAGER, force: true, signal };
      const applied = await this.#kube.applyStatus(MACHINE_BINDINGS, { namespace, name }, status, options);
      const { resourceVersion } = applied.metadata;
      this.#written.set(uid ?? '', {
        metadata: { name, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
        spec: binding.spec,
        status,
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return true;
  }

  forget(uid: string): void {
    this.#written.delete(uid);
  }
}

/** The API server keeps maps keyed by type in the order in which they were applied. */
function sorted(status: BindingStatus): BindingStatus {
  return {
    ...status,
    conditions: [...(status.conditions ?? [])].sort((a, b) => (a.type < b.type ? -1 : 1)),
  };
}
