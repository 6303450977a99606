import { OBSERVE_ONLY } from '#engine/may-write.ts';
import type { Preview } from '#engine/pass-types.ts';
import { renderText } from '#planning/render-text.ts';
import type { Workspace } from './workspace.ts';

/** A plan of a folder for people: for which vault, and what would be done, by file and line. */
export function planText(workspace: Workspace, { plan, observeOnly }: Preview): string {
  const { namespace, name } = workspace.organization.metadata;
  const text = renderText(plan, {
    placeOf: (source) => workspace.placeOf(source.kind, source.namespace, source.name) ?? null,
  });
  return [
    `${namespace}/${name} in ${plan.vaultId}, revision ${plan.revision}`,
    ...(observeOnly === null ? [] : [`Nothing would run: ${observeOnly}. ${OBSERVE_ONLY[observeOnly]}`]),
    '',
    text.trimEnd(),
  ].join('\n');
}
