/** What a pass over the targets of a binding works with. */
import type { KeyObject } from 'node:crypto';
import type { SyncClaim, SyncedMachine } from '#provider/provider.ts';
import type { SecretCache } from '../secret-cache.ts';
import type { BindingClient, PassDeletions } from '../secret-deletion.ts';

/** How a binding asks its vault for values. */
export interface Values {
  /** Throws VaultAwayError where a call would: nothing is read for one that is not made. */
  check(): void;
  /** `isPatient`: nothing holds older values meanwhile. Rejects with what the provider throws, and VaultAwayError. */
  sync(claim: SyncClaim, isPatient: boolean): Promise<SyncedMachine>;
}

export interface TargetWorld {
  readonly kube: BindingClient;
  readonly cache: SecretCache;
  readonly deletions: PassDeletions;
  readonly values: Values;
  /** Reads the private half from the mounted Secret; undefined where it cannot be used now. */
  readonly privateKey: () => Promise<KeyObject | undefined>;
  readonly hasSecret: (project: string, name: string) => boolean;
  /** What the answers of the vault said of versions: the change feed may be behind them. */
  readonly sawVersions: (versions: readonly { readonly id: string; readonly version: number }[]) => void;
  /** Names of other bindings of the namespace that claim a name of a Secret. */
  readonly rivals: (secretName: string) => readonly string[];
  /** Domains of labels and annotations that whoever runs the operator lets targets name. */
  readonly allowedMetadata: readonly string[];
  /** Versions of targets that were applied although somebody still owns a field, by `namespace/name`. */
  readonly verified: Map<string, string>;
}
