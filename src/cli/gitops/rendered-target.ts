/** A target of a folder as the Secret that it would be, out of values at hand. Pure. */
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import type { SecretValue } from '#model/secret-value.ts';
import { declaredSecrets, select, sourcesOf, type TargetSpec } from '#shaping/selection.ts';
import { shape } from '#shaping/shape.ts';
import type { TemplateEngine } from '#shaping/template/engine.ts';
import type { ConfigMapTexts } from '#source/manifest.ts';

/** What stands in the place of the digits that the content gives by a key of the operator. */
const OF_CONTENT = '0000000000';

export type RenderedTarget =
  | { readonly secret: Readonly<Record<string, unknown>>; readonly problem?: undefined }
  | { readonly problem: string };

export function renderedTarget(
  { metadata: { namespace, name }, spec }: CustomResource<'MachineBinding'>,
  target: TargetSpec,
  values: ReadonlyMap<string, SecretValue>,
  {
    configMaps,
    engine,
  }: { readonly configMaps: readonly ConfigMapTexts[]; readonly engine: TemplateEngine | undefined },
): RenderedTarget {
  const selection = select(target, declaredSecrets(spec));
  const missing = sourcesOf(selection).filter((source) => !values.has(source.name));
  if (missing.length > 0) {
    return { problem: `the file of values has none for ${missing.map((source) => source.name).join(', ')}` };
  }
  const templates = new Map<string, string>();
  for (const { key, text, configMapRef } of target.templates ?? []) {
    const found = text ?? textOf(configMaps, namespace, configMapRef);
    if (found === undefined)
      return {
        problem: `the folder has no ConfigMap ${configMapRef?.name} with the key ${configMapRef?.key}`,
      };
    templates.set(key, found);
  }
  const shaped = shape({ target, selection, templates, engine }, values);
  return shaped.ok
    ? { secret: secretOf(target, namespace, name, shaped.data) }
    : { problem: shaped.fault.message };
}

function textOf(
  configMaps: readonly ConfigMapTexts[],
  namespace: string,
  ref: { readonly name: string; readonly key: string } | undefined,
): string | undefined {
  const found = configMaps.find((each) => each.namespace === namespace && each.name === ref?.name);
  return found !== undefined && ref !== undefined && Object.hasOwn(found.data, ref.key)
    ? found.data[ref.key]
    : undefined;
}

/** As `kubectl apply` takes it: texts as texts, what is none in Base64. Without the marks by which the operator knows it. */
function secretOf(
  { secretName, creationPolicy, type = 'Opaque', immutable, labels, annotations }: TargetSpec,
  namespace: string,
  binding: string,
  content: ReadonlyMap<string, Buffer>,
): Readonly<Record<string, unknown>> {
  const stringData: Record<string, string> = {};
  const data: Record<string, string> = {};
  for (const [key, bytes] of content) {
    const text = bytes.toString('utf8');
    if (Buffer.from(text, 'utf8').equals(bytes)) stringData[key] = text;
    else data[key] = bytes.toString('base64');
  }
  const isMerged = creationPolicy === 'Merge';
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: immutable === true ? `${secretName}-${OF_CONTENT}` : secretName,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(isMerged ? { annotations: { 'seneschal.dev/merge': binding } } : {}),
      ...(annotations === undefined ? {} : { annotations }),
    },
    ...(isMerged ? {} : { type }),
    ...(immutable === true ? { immutable: true } : {}),
    ...(Object.keys(stringData).length === 0 ? {} : { stringData }),
    ...(Object.keys(data).length === 0 ? {} : { data }),
  };
}
