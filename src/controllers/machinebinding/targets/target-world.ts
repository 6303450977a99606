/** What a pass over the targets of a binding works with. */
import type { KeyObject } from 'node:crypto';
import type { SecretCache } from '../secret-cache.ts';
import type { BindingClient, PassDeletions } from '../secret-deletion.ts';
import type { SyncBatcher } from './batcher.ts';

export interface TargetWorld {
  readonly kube: BindingClient;
  readonly cache: SecretCache;
  readonly deletions: PassDeletions;
  readonly batcher: SyncBatcher;
  /** Reads the private half from the mounted Secret; undefined where it cannot be used now. */
  readonly privateKey: () => Promise<KeyObject | undefined>;
  readonly hasSecret: (project: string, name: string) => boolean;
  /** What the answers of the vault said of versions: the change feed may be behind them. */
  readonly sawVersions: (versions: readonly { readonly id: string; readonly version: number }[]) => void;
  /** Versions of targets that were applied although somebody still owns a field, by `namespace/name`. */
  readonly verified: Map<string, string>;
}
