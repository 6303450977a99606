/** How many long polls of one account are open in this process: each holds a connection and looks at every move. */
import { DomainError } from '../common/domain-error.ts';

/** Enough for the tabs of a person, and one more each while a page is loaded anew. */
export const POLLS_AT_ONCE = 10;
/** When one of them has ended at the latest, in seconds. */
const AGAIN = 30;

export class OpenPolls {
  readonly #counts = new Map<string, number>();

  /** Counts one until the answer is called. Throws DomainError 429 `TooManyPolls`. */
  open(accountId: string): () => void {
    const count = this.#counts.get(accountId) ?? 0;
    if (count >= POLLS_AT_ONCE) {
      throw new DomainError({
        code: 'TooManyPolls',
        status: 429,
        detail: `This account has ${POLLS_AT_ONCE} requests open that wait for a change.`,
        next: 'Let one of them end, or ask with wait=0.',
        retryAfter: AGAIN,
      });
    }
    this.#counts.set(accountId, count + 1);
    return () => {
      const left = (this.#counts.get(accountId) ?? 1) - 1;
      if (left === 0) this.#counts.delete(accountId);
      else this.#counts.set(accountId, left);
    };
  }
}
