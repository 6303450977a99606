import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seneschal } from '#test/builders/command-line.ts';
import { type AuditRow, auditRows, headOf, putAudit, rewrittenFrom } from '#test/builders/rewritten-audit.ts';
import type { TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import type { AuditEntry } from '#vault/audit/chain.ts';
import { exportAudit } from '#vault/audit/export.ts';
import { attack } from './attack.ts';
import { done, type Outcome, refused } from './outcome.ts';

/** Another name stands for who did the first act; all that follows fits it, and the vault signs it. */
function withAnotherActor(rows: readonly AuditRow[]): readonly AuditRow[] {
  const entry = JSON.parse(rows[0]?.entry ?? '') as AuditEntry;
  return rewrittenFrom(rows, 0, { ...entry, actor: { ...entry.actor, name: 'somebody else' } });
}

/** What is checked offline, and whether the log leads on from the head that the operator kept. */
async function verified(vault: TestVault, kept: string): Promise<Outcome> {
  const call = 'seneschal audit verify --head';
  const file = join(vault.folder, 'audit.ndjson');
  let text = '';
  for await (const part of await exportAudit(vault.context, vault.vaultId)) text += part;
  writeFileSync(file, text);
  const { code, stdout } = await seneschal('audit', 'verify', file, '--head', kept);
  const reason = /\((\w+)\)/.exec(stdout)?.[1] ?? '';
  return code === 0 ? done(call, 'exit 0') : refused(call, `exit ${code} ${reason}`.trim());
}

attack({
  name: 'rewrites the audit log in the database, so that all of it fits together and is signed',
  actor: 'Operator of the vault server',
  rule: 'A3',
  refused: ['exit 1 PastRewritten', 'exit 1 NewestMissing'],
  permittedBy: 'the log as it was written',
  world: () => ownedVault(),
  attack: () => [withAnotherActor, (rows: readonly AuditRow[]) => rows.slice(0, -1)],
  control: () => [(rows: readonly AuditRow[]) => rows],
  async calls({ vault }, rewritings) {
    const written = await auditRows(vault);
    const { sequence, hash } = headOf(vault, written);
    const outcomes = [];
    for (const rewriting of rewritings) {
      await putAudit(vault, rewriting(written));
      outcomes.push(await verified(vault, `${sequence}:${hash}`));
    }
    return outcomes;
  },
});
