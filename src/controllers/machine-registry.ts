/**
 * What the organization pass knows and the binding pass needs: which machines the vault has, which keys it
 * accepts of each, what they were granted. The organization pass publishes after each observation; nobody
 * else asks the vault for it. In memory only.
 */
import type { Machine, MachineKey, OrganizationState } from '#model/organization.ts';
import type { Provider } from '#provider/provider.ts';

/** How the vault's side of a binding stands: the conditions Registered and Granted, as published to status. */
export interface BindingSummary {
  readonly machineName: string;
  /** Worst of the two: what Ready of the binding follows. */
  readonly state: 'Settled' | 'Waiting' | 'Stalled';
  /** Constant of the worst condition; shown in Ready unless Settled. */
  readonly reason: string;
  readonly message: string;
}

/** What is published for one organization. */
export interface OrganizationView {
  readonly provider: Provider;
  /** PEM of the authorities in the credentials; null: the system's. */
  readonly caCertificate: string | null;
  /**
   * Whether this process may act for the organization now: Full, not suspended, lease held, not frozen, not
   * rolled back. While false no key is made, no value is synced and no Secret is deleted.
   */
  readonly acts: boolean;
  /** Whoever runs the operator allows Secrets of another address to become ones of this vault's. */
  readonly mayMove: boolean;
  /** The state last observed, after the steps of the pass where it was observed again. */
  readonly state: OrganizationState;
  /** By `namespace/name` of the MachineBinding. */
  readonly summaries: ReadonlyMap<string, BindingSummary>;
}

/** A secret that a machine may read. */
export interface GrantedSecret {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  /** The newest version known, the change feed included. */
  readonly version: number;
}

export interface RegisteredMachine {
  readonly machineId: string;
  readonly approved: boolean;
  readonly enabled: boolean;
  readonly keys: readonly MachineKey[];
  /** Of the keys. */
  readonly fingerprints: readonly string[];
  readonly secrets: readonly GrantedSecret[];
}

/** Called with the machines that stand differently now. */
export type RegistryListener = (organization: string, machineNames: ReadonlySet<string>) => void;

interface Entry {
  view: OrganizationView;
  machines: ReadonlyMap<string, Machine>;
  secretIds: ReadonlyMap<string, string>;
  /** Newest version by secret id. */
  versions: Map<string, number>;
}

/** Organizations are named by `namespace/name` of their object. */
export class MachineRegistry {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners: RegistryListener[] = [];
  readonly #viewListeners: ((organization: string) => void)[] = [];

  /** Replaces what was published for the organization, and tells of the machines that stand differently. */
  publish(organization: string, view: OrganizationView): void {
    const previous = this.#entries.get(organization);
    if (previous !== undefined && previous.view.state === view.state) {
      this.#entries.set(organization, { ...previous, view });
    } else {
      // Versions never go back within an epoch; a snapshot may be older than what the change feed told.
      const versions = new Map<string, number>();
      const sameEpoch = previous?.view.state.epoch === view.state.epoch;
      for (const { id, version } of view.state.secrets) {
        versions.set(id, Math.max(version, sameEpoch ? (previous?.versions.get(id) ?? 0) : 0));
      }
      this.#entries.set(organization, {
        view,
        machines: new Map(view.state.machines.map((machine) => [machine.name, machine])),
        secretIds: new Map(view.state.secrets.map(({ project, name, id }) => [`${project}/${name}`, id])),
        versions,
      });
    }
    if (previous === undefined || generalChange(previous.view, view)) {
      for (const listener of this.#viewListeners) listener(organization);
      return;
    }
    this.#tell(organization, this.#changedMachines(previous, organization));
  }

  /** The change feed: these secrets have a newer version. */
  moveSecrets(
    organization: string,
    moved: readonly { readonly id: string; readonly version: number }[],
  ): void {
    const entry = this.#entries.get(organization);
    if (entry === undefined) return;
    const ids = new Set<string>();
    for (const { id, version } of moved) {
      if ((entry.versions.get(id) ?? 0) >= version) continue;
      entry.versions.set(id, version);
      ids.add(id);
    }
    if (ids.size === 0) return;
    const names = new Set<string>();
    for (const machine of entry.machines.values()) {
      if (grantedIds(entry, machine).some(({ id }) => ids.has(id))) names.add(machine.name);
    }
    this.#tell(organization, names);
  }

  /** The Organization object is gone, or is not connected: bindings wait, and nothing of theirs is touched. */
  withdraw(organization: string): void {
    if (!this.#entries.delete(organization)) return;
    for (const listener of this.#viewListeners) listener(organization);
  }

  /** What was last published; undefined while nothing is known. */
  viewOf(organization: string): OrganizationView | undefined {
    return this.#entries.get(organization)?.view;
  }

  providerOf(organization: string): Provider | undefined {
    return this.#entries.get(organization)?.view.provider;
  }

  /** Undefined where the vault has no machine of that name, or nothing is known. */
  machineOf(organization: string, machineName: string): RegisteredMachine | undefined {
    const entry = this.#entries.get(organization);
    const machine = entry?.machines.get(machineName);
    if (entry === undefined || machine === undefined) return undefined;
    return {
      machineId: machine.id,
      approved: machine.approved,
      enabled: machine.enabled,
      keys: machine.keys,
      fingerprints: machine.keys.map(({ fingerprint }) => fingerprint),
      secrets: grantedIds(entry, machine).map((secret) => ({
        ...secret,
        version: entry.versions.get(secret.id) ?? 0,
      })),
    };
  }

  /** Whether the vault has a secret of that name, granted or not. */
  hasSecret(organization: string, project: string, name: string): boolean {
    return this.#entries.get(organization)?.secretIds.has(`${project}/${name}`) === true;
  }

  /** Single machines stand differently: keys, grants, flags, versions, summaries. */
  onChange(listener: RegistryListener): void {
    this.#listeners.push(listener);
  }

  /** An organization became known, unknown, or stands differently as a whole (`acts`, provider, CA). */
  onView(listener: (organization: string) => void): void {
    this.#viewListeners.push(listener);
  }

  #tell(organization: string, names: ReadonlySet<string>): void {
    if (names.size === 0) return;
    for (const listener of this.#listeners) listener(organization, names);
  }

  #changedMachines(previous: Entry, organization: string): Set<string> {
    const entry = this.#entries.get(organization);
    const names = new Set<string>();
    if (entry === undefined) return names;
    if (entry.view.summaries !== previous.view.summaries) {
      for (const name of changedStandings(previous.view, entry.view)) names.add(name);
    }
    if (entry.view.state === previous.view.state) return names;
    for (const name of new Set([...previous.machines.keys(), ...entry.machines.keys()])) {
      if (summary(previous, name) !== summary(entry, name)) names.add(name);
    }
    return names;
  }
}

function generalChange(before: OrganizationView, after: OrganizationView): boolean {
  return (
    before.provider !== after.provider ||
    before.acts !== after.acts ||
    before.mayMove !== after.mayMove ||
    before.caCertificate !== after.caCertificate ||
    before.state.epoch !== after.state.epoch
  );
}

function changedStandings(before: OrganizationView, after: OrganizationView): string[] {
  const names: string[] = [];
  for (const [binding, now] of after.summaries) {
    const then = before.summaries.get(binding);
    const same =
      then !== undefined &&
      then.state === now.state &&
      then.reason === now.reason &&
      then.message === now.message &&
      then.machineName === now.machineName;
    if (!same) names.push(now.machineName);
  }
  for (const [binding, then] of before.summaries) {
    if (!after.summaries.has(binding)) names.push(then.machineName);
  }
  return names;
}

function grantedIds(entry: Entry, machine: Machine): Omit<GrantedSecret, 'version'>[] {
  return machine.access.flatMap(({ project, secrets }) =>
    secrets.flatMap((name) => {
      const id = entry.secretIds.get(`${project}/${name}`);
      return id === undefined ? [] : [{ id, project, name }];
    }),
  );
}

/** Text that differs when the machine, its keys, its grants or a version of theirs do. */
function summary(entry: Entry, name: string): string {
  const machine = entry.machines.get(name);
  if (machine === undefined) return '';
  const secrets = grantedIds(entry, machine).map(({ id }) => [id, entry.versions.get(id)]);
  return JSON.stringify([machine, secrets]);
}
