/** A target as a Secret that is ours. Pure. */
import type { Secret } from '#kube/kube.ts';
import { type BindingIdentity, marksOf, placeOf, SECRET_ANNOTATIONS } from '../marks.ts';
import { contentText, nameOfContent, type Seals } from '../seals.ts';
import type { DeclaredTarget } from './declared-target.ts';
import { type Source, sourceText } from './sources.ts';

/** Data as the API server holds it: in Base64, the values in the clear. */
export function encoded(data: ReadonlyMap<string, Buffer>): Record<string, string> {
  return Object.fromEntries([...data].map(([key, bytes]) => [key, bytes.toString('base64')]));
}

/**
 * A target as it shall be. Holds values in the clear: it goes to the API server and nowhere else. An immutable one has a
 * name that its content gives, by our seal, so that the name tells nobody anything of a value.
 */
export function targetSecret(
  { target, shape }: DeclaredTarget,
  sources: readonly Source[],
  content: ReadonlyMap<string, Buffer>,
  binding: BindingIdentity,
  seals: Seals,
): Secret {
  const { secretName, type = 'Opaque', immutable, deletionPolicy = 'KeepLast' } = target;
  const data = encoded(content);
  const use = { role: 'target' } as const;
  const name =
    immutable === true
      ? `${secretName}-${nameOfContent(seals.make('content', placeOf(binding, secretName, use), `${type} ${contentText(data)}`))}`
      : secretName;
  const { labels, annotations } = marksOf(binding, name, use, data, seals);
  const says = sourceText(shape, sources, Object.keys(data).sort());
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace: binding.namespace,
      labels: { ...target.labels, ...labels },
      annotations: {
        ...target.annotations,
        ...annotations,
        [SECRET_ANNOTATIONS.target]: secretName,
        [SECRET_ANNOTATIONS.deletionPolicy]: deletionPolicy,
        [SECRET_ANNOTATIONS.sourceSeal]: seals.make('target-sources', placeOf(binding, name, use), says),
      },
    },
    type,
    ...(immutable === true ? { immutable: true } : {}),
    data,
  };
}
