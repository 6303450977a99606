/** A target with all that its spec alone decides: which secrets, which templates, what is wrong with it. */
import { CONFIG_MAPS, isForbidden, type KubeClient } from '#kube/kube.ts';
import { canonicalJson, sha256 } from '#model/digest.ts';
import type { Fault } from '#shaping/fault.ts';
import { declaredSecrets, select, type TargetSpec } from '#shaping/selection.ts';
import { faultsOf, type Shaping } from '#shaping/shape.ts';
import { loadTemplates } from '#shaping/template/load.ts';
import type { BindingInput } from '../input.ts';
import { type PartOutcome, stalled } from '../part-outcome.ts';

export interface DeclaredTarget extends Shaping {
  /** The same shape, the same text: goes into the source seal. */
  readonly shape: string;
}

/** No watch tells of ConfigMaps: a listing of all of them is more than a template is worth. */
const CONFIG_MAP_AGAIN_MS = 60_000;

/** What the spec alone gives. */
type ByItself =
  | { readonly fault: Fault }
  | (Omit<DeclaredTarget, 'templates' | 'shape'> & Pick<Partial<DeclaredTarget>, 'shape'>);

/** Specs are never changed in place, so that each is looked at once. */
const looked = new WeakMap<TargetSpec, ByItself>();

/** @throws KubeError where a ConfigMap cannot be read. */
export async function declare(
  { binding: { spec }, identity: { namespace }, signal }: BindingInput,
  target: TargetSpec,
  {
    kube,
    allowedMetadata,
  }: { readonly kube: Pick<KubeClient, 'find'>; readonly allowedMetadata: readonly string[] },
): Promise<DeclaredTarget | { readonly problem: PartOutcome }> {
  const byItself = looked.get(target) ?? (await lookAt(spec, target, allowedMetadata));
  looked.set(target, byItself);
  if ('fault' in byItself) return { problem: unshaped(target, byItself.fault) };
  const templates = new Map<string, string>();
  for (const { key, text, configMapRef } of target.templates ?? []) {
    if (configMapRef === undefined) {
      templates.set(key, text ?? '');
      continue;
    }
    const { name, key: of } = configMapRef;
    const found = await textOf(kube, { namespace, name }, of, signal);
    if (typeof found !== 'string') return { problem: templateMissing(target, `${name}, key ${of}`, found) };
    templates.set(key, found);
  }
  return { ...byItself, templates, shape: byItself.shape ?? shapeOf(target, templates) };
}

async function lookAt(
  spec: Pick<BindingInput['binding']['spec'], 'projects'>,
  target: TargetSpec,
  allowed: readonly string[],
): Promise<ByItself> {
  const { templates = [] } = target;
  const engine = templates.length === 0 ? undefined : await loadTemplates();
  const declared = declaredSecrets(spec);
  const [fault] = faultsOf(target, declared, { engine, allowed });
  if (fault !== undefined) return { fault };
  const alone = { target, selection: select(target, declared), engine };
  const refers = templates.some(({ configMapRef }) => configMapRef !== undefined);
  return refers ? alone : { ...alone, shape: shapeOf(target, new Map()) };
}

async function textOf(
  kube: Pick<KubeClient, 'find'>,
  ref: { readonly namespace: string; readonly name: string },
  key: string,
  signal: AbortSignal,
): Promise<string | { readonly because: 'absent' | 'forbidden' }> {
  try {
    return (await kube.find(CONFIG_MAPS, ref, { signal }))?.data?.[key] ?? { because: 'absent' };
  } catch (error) {
    if (isForbidden(error)) return { because: 'forbidden' };
    throw error;
  }
}

function templateMissing(
  { secretName }: TargetSpec,
  where: string,
  { because }: { readonly because: 'absent' | 'forbidden' },
): PartOutcome {
  const what =
    because === 'absent'
      ? `there is no template in ConfigMap ${where}; create it`
      : `the operator may not read ConfigMap ${where}; bind the ClusterRole seneschal-secrets of this release`;
  return stalled('TemplateMissing', `Secret ${secretName}: ${what}`, CONFIG_MAP_AGAIN_MS);
}

/** What of the spec goes into the Secret; how it is deleted does not. */
function shapeOf(
  { deletionPolicy: _, ...target }: TargetSpec,
  templates: ReadonlyMap<string, string>,
): string {
  return sha256(canonicalJson({ target, templates: [...templates] }));
}

export function unshaped({ secretName }: TargetSpec, { reason, message }: Fault): PartOutcome {
  return stalled(reason, `Secret ${secretName}: ${message}`);
}

/** After how long ConfigMaps are looked at again, where a target has templates of any; null: never. */
export function templatesAgainAfter(targets: readonly TargetSpec[]): number | null {
  const refers = targets.some(({ templates = [] }) =>
    templates.some(({ configMapRef }) => configMapRef !== undefined),
  );
  return refers ? CONFIG_MAP_AGAIN_MS : null;
}
