/** The way from an anchor to the head of the audit log (A3). */
import { ROUTES } from '#protocol/management.ts';
import { auditProofQuery } from '#protocol/schemas.ts';
import { auditProof } from '../audit/chain-proof.ts';
import { auditProofAnswer } from '../http/answer-schemas.ts';
import { addAutomationRoute, answered } from './automation-route.ts';
import type { ManagementApp, ManagementParts } from './parts.ts';

export function auditProofRoute(app: ManagementApp, parts: ManagementParts): void {
  const { context } = parts;

  addAutomationRoute(app, parts, {
    method: 'get',
    path: ROUTES.auditProof,
    summary: 'The hashes that lead from an entry to the head of the audit log, at most 2000 at a time (A3)',
    operation: 'proveAudit',
    query: auditProofQuery,
    answer: auditProofAnswer,
    handle: async ({ vaultId, query }) => answered(await auditProof(context, vaultId, Number(query.after))),
  });
}
