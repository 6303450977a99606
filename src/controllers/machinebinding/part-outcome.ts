/** How a part of a binding stands after a pass. */
import type { Reason } from '#api/v1alpha1/conditions.ts';

export type PartOutcome =
  | { readonly is: 'done'; readonly message: string }
  /** Goes on by itself: woken by what it waits for. */
  | { readonly is: 'waiting'; readonly reason: Reason; readonly message: string }
  /** Nothing moves until somebody acts. */
  | {
      readonly is: 'stalled';
      readonly reason: Reason;
      readonly message: string;
      /** Where nothing tells of the change that helps: look again after this long, in milliseconds. */
      readonly againAfterMs?: number;
    };

export const waiting = (reason: Reason, message: string): PartOutcome => ({ is: 'waiting', reason, message });

export const stalled = (reason: Reason, message: string, againAfterMs?: number): PartOutcome => ({
  is: 'stalled',
  reason,
  message,
  ...(againAfterMs === undefined ? {} : { againAfterMs }),
});
