/** Which vault the Secrets of an Organization are sealed for, told from the metadata in the cache. */
import {
  type KubeObject,
  keyOf,
  type MetadataOnly,
  type NamespaceSetWatcher,
  type Watcher,
} from '#kube/kube.ts';
import { isSameAddress, type VaultAddress } from '#model/vault-address.ts';
import { BY_ORGANIZATION } from '../organization/objects.ts';
import {
  namespaceOfSeals,
  type SealedSecret,
  type SealReader,
  type UnreadNamespace,
} from '../organization/vault-moves.ts';
import { organizationKeyOf } from '../resources.ts';
import type { MachineBinding } from './input.ts';
import {
  annotationOf,
  asWritten,
  type BindingIdentity,
  organizationKeyIn,
  placeOf,
  roleOf,
  useAs,
} from './marks.ts';
import type { Seals } from './seals.ts';

export interface SealReaderWorld {
  /** Of `createSecretWatcher`; the controller of bindings tells it which namespaces to watch. */
  readonly secrets: NamespaceSetWatcher<MetadataOnly>;
  /** With the index `organization`. */
  readonly bindings: Pick<Watcher<MachineBinding>, 'store' | 'hasSynced'>;
  readonly seals: Seals;
}

/**
 * Verifies nothing while every Secret says the address that is asked for, as nearly always, and looks at other namespaces
 * only where the status says another one.
 */
export function createSealReader({ secrets, bindings, seals }: SealReaderWorld): SealReader {
  const organizationOf = (secret: MetadataOnly): string => {
    const { namespace } = secret.metadata;
    const binding = bindings.store.get({ namespace, name: annotationOf(secret, 'binding') ?? '' });
    // Of a binding that is gone only the Secret itself can say whose it was.
    return binding === undefined ? organizationKeyIn(secret) : organizationKeyOf(binding);
  };
  const verifies = (secret: MetadataOnly, vault: VaultAddress): boolean => {
    const role = roleOf(secret);
    if (role === undefined) return false;
    const place = placeOf({ ...selfOf(secret), vault }, secret.metadata.name, useAs(secret, role));
    return seals.verify(annotationOf(secret, 'seal'), 'place', place) === 'valid';
  };
  const unread = (namespace: string): readonly UnreadNamespace[] => {
    const state = secrets.state(namespace);
    if (state === 'live' || state === 'reconnecting') return [];
    return [{ namespace, because: state === 'forbidden' ? 'forbidden' : 'unknown' }];
  };
  /** Whether `access` lists them or not: who may change an Organization takes them off. */
  const namespacesOfBindings = (organization: string): ReadonlySet<string> =>
    new Set(
      bindings.store.byIndex(BY_ORGANIZATION, organization).map(({ metadata }) => metadata.namespace ?? ''),
    );

  const inside = (organization: string, here: VaultAddress, before: VaultAddress | null) => {
    const there = secrets.store.list(namespaceOfSeals(organization));
    const elsewhere = there.flatMap((secret): SealedSecret[] => {
      const said = asWritten({ ...selfOf(secret), vault: here }, secret).vault;
      const others = [said, ...(before === null ? [] : [before])].filter(
        (vault) => !isSameAddress(vault, here),
      );
      if (others.length === 0 || organizationOf(secret) !== organization) return [];
      const vault = others.find((other) => verifies(secret, other));
      return vault === undefined ? [] : [{ name: secret.metadata.name, vault }];
    });
    const isHere = (secret: MetadataOnly): boolean =>
      organizationOf(secret) === organization && verifies(secret, here);
    return { elsewhere, here: elsewhere.length > 0 && there.some(isHere) };
  };
  const outside = (organization: string, vault: VaultAddress): readonly SealedSecret[] => {
    const own = namespaceOfSeals(organization);
    return secrets.store
      .list()
      .filter(
        (secret) =>
          secret.metadata.namespace !== own &&
          organizationOf(secret) === organization &&
          verifies(secret, vault),
      )
      .map(({ metadata }) => ({ name: keyOf(metadata), vault }));
  };

  return {
    of(organization, here, before) {
      const own = namespaceOfSeals(organization);
      const ofOwn = { ...inside(organization, here, before), outside: [], unread: unread(own) };
      if (before === null || isSameAddress(before, here)) return ofOwn;
      // Without the bindings it is not known where to look.
      const others: readonly UnreadNamespace[] = bindings.hasSynced()
        ? [...namespacesOfBindings(organization)].filter((namespace) => namespace !== own).flatMap(unread)
        : [{ namespace: '', because: 'unknown' }];
      return {
        ...ofOwn,
        outside: outside(organization, before),
        unread: [...ofOwn.unread, ...others],
      };
    },
    onChange(listener) {
      secrets.onChange((change) => {
        const secretsNow = change.type === 'modified' ? [change.object, change.previous] : [change.object];
        listener((organization) => secretsNow.some((secret) => organizationOf(secret) === organization));
      });
      secrets.onState((namespace) =>
        listener(
          (organization) =>
            namespace === namespaceOfSeals(organization) || namespacesOfBindings(organization).has(namespace),
        ),
      );
    },
  };
}

/** The binding that a Secret says it belongs to; the seal proves it. */
function selfOf(secret: KubeObject): Omit<BindingIdentity, 'vault'> {
  const { namespace = '' } = secret.metadata;
  const said = (annotation: Parameters<typeof annotationOf>[1]): string =>
    annotationOf(secret, annotation) ?? '';
  return {
    uid: '',
    namespace,
    name: said('binding'),
    organization: said('organization'),
    machineName: said('machineName'),
  };
}
