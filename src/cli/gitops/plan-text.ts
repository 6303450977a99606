import type { WhatIsOpen } from '#engine/open.ts';
import { openText } from '#engine/open-text.ts';
import type { Preview } from '#engine/pass-types.ts';
import { renderText } from '#planning/render-text.ts';
import type { Workspace } from './workspace.ts';

/** A plan of a folder for people: for which vault, and what would be done, by file and line. */
export function planText(workspace: Workspace, { plan, stopped }: Preview, open: WhatIsOpen): string {
  const { namespace, name } = workspace.organization.metadata;
  const text = renderText(plan, {
    placeOf: (source) => workspace.placeOf(source.kind, source.namespace, source.name) ?? null,
  });
  return [
    `${namespace}/${name} in ${plan.vaultId}, revision ${plan.revision}`,
    ...(stopped === null ? [] : [`Nothing would run: ${stopped.message}`, `  next: ${stopped.next}`]),
    '',
    ...(text === '' ? [] : [text.trimEnd(), '']),
    openLine(open, 'No changes.'),
  ].join('\n');
}

/** The last line of a plan and of an apply; `otherwise`: where nothing is open. */
export function openLine(open: WhatIsOpen, otherwise: string): string {
  return open.items.length === 0 ? otherwise : `Open: ${openText(open)}.`;
}
