/** A plan as JSON: stable within a `schemaVersion`, and what `apply --plan` reads back. */

import type { Declaration, WhatIsOpen } from '#engine/open.ts';
import type { Preview } from '#engine/pass-types.ts';
import type { AccessChange } from '#model/consequence.ts';
import type { LossClass } from '#model/loss.ts';
import type { ToRotate } from '#model/rotation.ts';
import type { Standing } from '#model/standing.ts';
import type { Finding, HoldReason, NewlyManaged, Step } from '#planning/plan-types.ts';
import { planHash } from './plan-hash.ts';
import type { Workspace } from './workspace.ts';

export const SCHEMA_VERSION = 1;

/** `Run`: apply runs it. `Operator`: only a cluster can. */
export type StepStanding = 'Run' | 'Held' | 'Operator';

export interface StepDocument {
  readonly hash: string;
  readonly kind: string;
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly why: string;
  readonly standing: StepStanding;
  readonly loss: { readonly class: LossClass; readonly units: number } | null;
  readonly gain: boolean;
  readonly changes: readonly AccessChange[];
  /** Null: declared no longer. */
  readonly source: { kind: string; namespace: string; name: string; place: string | null } | null;
}

/** One thing that is open, or several of a kind. */
export interface OpenDocument {
  readonly standing: Standing;
  readonly reason: string;
  /** Which rail holds it; null: none of the plan does. */
  readonly rail: number | null;
  readonly kind: string;
  readonly keys: readonly string[];
  readonly place: string | null;
  readonly message: string;
  readonly next: string;
}

export interface PlanDocument {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  /** Over all of the document that decides (`planHash`). */
  readonly hash: string;
  readonly organization: { readonly namespace: string; readonly name: string };
  readonly vaultId: string;
  readonly epoch: string;
  readonly revision: number;
  /** What an approval of everything that is held must name; null: nothing needs one. */
  readonly digest: string | null;
  /** Why nothing would run; null: it would. */
  readonly observeOnly: string | null;
  readonly steps: readonly StepDocument[];
  readonly held: readonly {
    readonly reason: HoldReason;
    readonly rail: number;
    readonly steps: readonly string[];
    readonly digest: string | null;
    readonly message: string;
    readonly next: string;
  }[];
  /** What was in the vault before, and comes under this manager or another namespace of it. */
  readonly managed: readonly NewlyManaged[];
  /** What is open once this is done: not as declared, or declared by nobody. */
  readonly open: {
    readonly counts: WhatIsOpen['counts'];
    readonly items: readonly OpenDocument[];
  };
  readonly findings: readonly {
    readonly kind: string;
    readonly key: string;
    readonly place: string | null;
    readonly reason: string;
    readonly severity: Finding['severity'];
    readonly message: string;
    readonly next: string;
    /** M2: of a `RotationAdvised` alone, and whole. */
    readonly rotation?: ToRotate;
  }[];
}

/** The document of a preview, in the order of the plan. */
export function planDocument(
  workspace: Workspace,
  { plan, observeOnly }: Preview,
  open: WhatIsOpen,
): PlanDocument {
  const { namespace, name } = workspace.organization.metadata;
  const place = (source: Declaration | null): string | null => placeOf(workspace, source);
  const runnable = new Set(plan.runnable.map(({ hash }) => hash));
  const document: Omit<PlanDocument, 'hash'> = {
    schemaVersion: SCHEMA_VERSION,
    organization: { namespace, name },
    vaultId: plan.vaultId,
    epoch: plan.epoch,
    revision: plan.revision,
    digest: plan.digest,
    observeOnly,
    steps: plan.steps.map((step) =>
      stepDocument(
        workspace,
        step,
        step.executor === 'operator' ? 'Operator' : runnable.has(step.hash) ? 'Run' : 'Held',
      ),
    ),
    held: plan.held.map(({ reason, rail, steps, digest, message, next }) => ({
      reason,
      rail,
      steps: steps.map(({ hash }) => hash),
      digest,
      message,
      next,
    })),
    managed: plan.managed,
    open: {
      counts: open.counts,
      items: open.items.map(({ standing, reason, hold, subject, declarations, keys, message, next }) => ({
        standing,
        reason,
        rail: hold?.rail ?? null,
        kind: subject.kind,
        keys,
        place: place(declarations[0] ?? null),
        message,
        next,
      })),
    },
    findings: plan.findings.map(({ subject, source, reason, severity, message, next, rotation }) => ({
      kind: subject.kind,
      key: subject.key,
      place: place(source),
      reason,
      severity,
      message,
      next,
      ...(rotation === undefined ? {} : { rotation }),
    })),
  };
  return { ...document, hash: planHash(document) };
}

/** One step of it. */
export function stepDocument(
  workspace: Workspace,
  { action, hash, why, consequence, source }: Step,
  standing: StepStanding,
): StepDocument {
  return {
    hash,
    kind: action.kind,
    key: action.key,
    before: action.before,
    after: action.after,
    why,
    standing,
    loss: consequence.loss,
    gain: consequence.gain,
    changes: consequence.changes,
    source:
      source === null
        ? null
        : {
            kind: source.kind,
            namespace: source.namespace,
            name: source.name,
            place: placeOf(workspace, source),
          },
  };
}

function placeOf(workspace: Workspace, source: Declaration | null): string | null {
  return source === null ? null : (workspace.placeOf(source.kind, source.namespace, source.name) ?? null);
}
