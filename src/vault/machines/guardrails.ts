/** What a temporary machine is held to: where from and when it may ask. Pure. */
import { AddressList } from '../common/addresses.ts';
import { isWithin, type TimeWindow } from '../common/time-window.ts';

export interface Guardrails {
  /** Ranges of source addresses; null: any. */
  readonly addresses: readonly string[] | null;
  /** Null: at any time. */
  readonly window: TimeWindow | null;
}

/** Guardrails out of their column, ready to be asked at every request. */
export class Guard {
  readonly #addresses: AddressList | null;
  readonly #window: TimeWindow | null;

  constructor(text: string) {
    const { addresses, window } = JSON.parse(text) as Guardrails;
    this.#addresses = addresses === null ? null : new AddressList(addresses);
    this.#window = window;
  }

  /** Whether a request from this source address at this moment (milliseconds) may pass. */
  admits(source: string, now: number): boolean {
    if (this.#addresses !== null && !this.#addresses.has(source)) return false;
    return this.#window === null || isWithin(this.#window, now);
  }
}
