/** Told of every attempt to hand something over, and after each look of what still waits; for metrics. */
export interface OutgoingObserver {
  attempt(what: 'mail' | 'webhook', outcome: 'delivered' | 'failed' | 'given-up'): void;
  waiting(what: 'mail' | 'webhook', count: number): void;
}

export const NOBODY_OBSERVES: OutgoingObserver = { attempt: () => {}, waiting: () => {} };
