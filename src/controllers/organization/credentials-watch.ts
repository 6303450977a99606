/** Watches the Secret of an organization's credentials, by exact name: other credentials wake its pass. */
import {
  createWatcher,
  type KubeClient,
  type KubeObject,
  type MetadataOnly,
  type ResourceType,
  SECRETS,
} from '#kube/kube.ts';
import type { Resource } from '../resources.ts';
import type { OrganizationMemory } from './organization-memory.ts';

export interface CredentialsWatch {
  readonly client: KubeClient;
  /** Aborted when this process no longer leads. */
  readonly leading: () => AbortSignal;
  /** Has an Organization looked at again; `soon`: with the changes that come along with this one. */
  readonly wake: (key: string, when: 'at once' | 'soon') => void;
}

/** Starts the watch of the Secret that the Organization names now, unless it is watched. */
export function watchCredentials(
  { client, leading, wake }: CredentialsWatch,
  session: OrganizationMemory,
  { metadata: { namespace }, spec }: Resource<'Organization'>,
): void {
  session.watchSecret(spec.vault.seneschal.credentialsSecretRef.name, leading(), (name, signal) => {
    const watcher = createWatcher<MetadataOnly>({
      client,
      type: SECRETS as ResourceType<KubeObject>,
      namespace,
      fieldSelector: `metadata.name=${name}`,
      metadataOnly: true,
    });
    watcher.onChange(({ type, object: { metadata } }) => {
      const seen = `${metadata.uid}/${metadata.resourceVersion}`;
      if (type !== 'deleted' && session.connection?.access.mark === seen) return;
      session.credentialsMoved = true;
      wake(session.key, 'soon');
    });
    // A RoleBinding came: what may be read now may still be absent.
    watcher.onState((state) => {
      if (state === 'live' && session.connection === null) wake(session.key, 'soon');
    });
    watcher.start(signal);
  });
}
