/**
 * Where the steps of a run come from, looked up right before they are sent: a run that sends nothing asks nobody.
 *
 * Decides A4: what a step says of where it comes from, also where its object is gone.
 */
import { boundedProvenance } from '#model/claimed-provenance.ts';
import type { ManagedRecord, Provenance } from '#model/record.ts';
import type { Step } from '#planning/plan-types.ts';
import { type Delivered, type Delivery, deliveryNamedBy, fieldManagerOf } from './delivery.ts';

/** By step hash. Never throws: a step does not wait for what is a claim only. */
export type Trace = (steps: readonly TracedStep[]) => Promise<ReadonlyMap<string, Provenance>>;

/** A step, and what is kept of its object: of one that is gone, there is nothing else. */
export interface TracedStep {
  readonly step: Step;
  readonly record: ManagedRecord | undefined;
}

/** What its object tells; where that is gone, who brought it last, and by which commit. */
export function claimOf({ step: { source }, record }: TracedStep): Provenance {
  if (source !== null) return source.provenance;
  const { fieldManager, commit, path, repository } = record?.provenance ?? {};
  return Object.fromEntries(
    Object.entries({ fieldManager, commit, path, repository }).filter(([, value]) => value !== undefined),
  );
}

/**
 * Asks each delivery that steps name once for each namespace of theirs, for the commit and the repository that it applies now. For an object that is
 * gone that is the commit that it was pruned by; where it is not told, the last one that had it.
 */
export function traceOf(read: (delivery: Delivery, into: string) => Promise<Delivered>): Trace {
  return async (steps) => {
    const asked = new Map<string, Promise<Delivered>>();
    const traced = steps.map(async (one) => {
      const claim = claimOf(one);
      const isGone = one.step.source === null;
      const delivery = deliveryNamedBy(isGone ? { fieldManager: claim.fieldManager } : claim);
      if (delivery === null) return [one.step.hash, claim] as const;
      const into = one.step.source?.namespace ?? one.record?.origin ?? '';
      const name = `${fieldManagerOf(delivery)} ${into}`;
      const delivered = asked.get(name) ?? read(delivery, into);
      asked.set(name, delivered);
      return [one.step.hash, boundedProvenance({ ...claim, ...(await delivered) })] as const;
    });
    return new Map(await Promise.all(traced));
  };
}
