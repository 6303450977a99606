/** When keys of machines were used last: uses move no revision, so that no snapshot has them. */
import type { KeyUse } from '#model/key-ends.ts';
import { type KeyUseAnswer, ROUTES } from '#protocol/management.ts';
import { keyUseRequest } from '#protocol/schemas.ts';
import type { AutomationActor } from '../act/actor.ts';
import type { VaultContext } from '../act/context.ts';
import { keyUseAnswer } from '../http/answer-schemas.ts';
import { inChunks } from '../store/chunks.ts';
import { addAutomationRoute, answered } from './automation-route.ts';
import type { ManagementApp, ManagementParts } from './parts.ts';
import { seenBounds } from './seen-bounds.ts';

export function keyUseRoute(app: ManagementApp, parts: ManagementParts): void {
  const { context } = parts;

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.keyUse,
    summary: 'When, and from which address, keys of machines were used last',
    operation: 'viewKeyUse',
    reads: true,
    body: keyUseRequest,
    answer: keyUseAnswer,
    handle: async ({ vaultId, actor, body }) =>
      answered(await keyUseOf(context, vaultId, actor, body.fingerprints)),
  });
}

async function keyUseOf(
  { reader, keyUses }: Pick<VaultContext, 'reader' | 'keyUses'>,
  vaultId: string,
  { bounds }: AutomationActor,
  fingerprints: readonly string[],
): Promise<KeyUseAnswer> {
  const within = bounds.projects === null ? null : await seenBounds(reader, vaultId, bounds.projects);
  const keys: (KeyUse & { fingerprint: string })[] = [];
  for (const some of inChunks([...new Set(fingerprints)].sort())) {
    const rows = await reader
      .selectFrom('machine_keys')
      .select(['fingerprint', 'machine_id', 'last_used_at', 'last_used_from'])
      .where('vault_id', '=', vaultId)
      .where('fingerprint', 'in', some)
      .orderBy('fingerprint')
      .execute();
    for (const { fingerprint, machine_id, last_used_at, last_used_from } of rows) {
      if (within?.machines.has(machine_id) === false) continue;
      const stored = { lastUsedAt: last_used_at, lastUsedFrom: last_used_from };
      keys.push({ fingerprint, ...keyUses.lastOf(vaultId, fingerprint, stored) });
    }
  }
  return { keys };
}
