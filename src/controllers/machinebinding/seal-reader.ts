/** Which vault the Secrets of an Organization are sealed for, told from the metadata in the cache. */
import type { KubeObject, MetadataOnly, NamespaceSetWatcher, Watcher } from '#kube/kube.ts';
import { isSameAddress, type VaultAddress } from '#model/vault-address.ts';
import { namespaceOfSeals, type SealedSecret, type SealReader } from '../organization/vault-moves.ts';
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
  readonly bindings: Pick<Watcher<MachineBinding>, 'store'>;
  readonly seals: Seals;
}

/** Verifies nothing while every Secret says the address that is asked for, as nearly always. */
export function createSealReader({ secrets, bindings, seals }: SealReaderWorld): SealReader {
  const isOf = (organization: string, secret: MetadataOnly): boolean => {
    const { namespace } = secret.metadata;
    const binding = bindings.store.get({ namespace, name: annotationOf(secret, 'binding') ?? '' });
    // Of a binding that is gone only the Secret itself can say whose it was.
    return (binding === undefined ? organizationKeyIn(secret) : organizationKeyOf(binding)) === organization;
  };
  const verifies = (secret: MetadataOnly, vault: VaultAddress): boolean => {
    const role = roleOf(secret);
    if (role === undefined) return false;
    const place = placeOf({ ...selfOf(secret), vault }, secret.metadata.name, useAs(secret, role));
    return seals.verify(annotationOf(secret, 'seal'), 'place', place) === 'valid';
  };

  return {
    of(organization, here, before) {
      const namespace = namespaceOfSeals(organization);
      const state = secrets.state(namespace);
      if (state === 'forbidden') return 'forbidden';
      if (!isListed(state)) return 'unknown';
      const there = secrets.store.list(namespace);
      const elsewhere = there.flatMap((secret): SealedSecret[] => {
        const said = asWritten({ ...selfOf(secret), vault: here }, secret).vault;
        const others = [said, ...(before === null ? [] : [before])].filter(
          (vault) => !isSameAddress(vault, here),
        );
        if (others.length === 0 || !isOf(organization, secret)) return [];
        const vault = others.find((other) => verifies(secret, other));
        return vault === undefined ? [] : [{ name: secret.metadata.name, vault }];
      });
      const isHere = (secret: MetadataOnly): boolean => isOf(organization, secret) && verifies(secret, here);
      return { elsewhere, here: elsewhere.length > 0 && there.some(isHere) };
    },
    onChange(listener) {
      secrets.onChange(({ object }) => listener(object.metadata.namespace ?? ''));
      secrets.onState(listener);
    },
  };
}

function isListed(state: ReturnType<SealReaderWorld['secrets']['state']>): boolean {
  return state === 'live' || state === 'reconnecting';
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
