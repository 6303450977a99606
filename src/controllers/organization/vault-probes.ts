/**
 * Vaults that are not reached are asked once a second whether they answer again, each once however many organizations it
 * has: what waited for a vault goes on within two seconds of its return, whatever the back-offs have come to meanwhile.
 *
 * Decides M1: how soon after an outage a suspension goes on.
 */
import type { Provider } from '#provider/provider.ts';
import { type Clock, pause } from '#runtime/runtime.ts';

const EVERY_MS = 1_000;
/** A vault that answers and then fails again is believed less and less: from a second on, doubled each time. */
const LONGEST_DOUBT_MS = 60_000;

interface Lost {
  readonly provider: Pick<Provider, 'address' | 'answers'>;
  readonly back: () => void;
  /** Not told before: it was told that the vault is back, and it was not. */
  readonly notBefore: number;
}

export class VaultProbes {
  readonly #clock: Clock;
  /** Until then this process leads; a look that is under way ends with it. */
  readonly #leading: () => AbortSignal;
  readonly #onAnswer: (organization: string) => void;
  /** By URL of the vault, then by organization. */
  readonly #lost = new Map<string, Map<string, Lost>>();
  /** How often an organization was told in vain since its last answer. */
  readonly #inVain = new Map<string, number>();

  /** `onAnswer`: the vault of that organization answered. */
  constructor(clock: Clock, leading: () => AbortSignal, onAnswer: (organization: string) => void) {
    this.#clock = clock;
    this.#leading = leading;
    this.#onAnswer = onAnswer;
  }

  /** Its vault does not answer; `back` is called once, when it does. */
  lost(organization: string, provider: Lost['provider'], back: () => void): void {
    const { url } = provider.address;
    const there = this.#lost.get(url);
    if (there?.has(organization) === true) return;
    const inVain = this.#inVain.get(organization) ?? 0;
    const doubt = inVain === 0 ? 0 : Math.min(LONGEST_DOUBT_MS, EVERY_MS * 2 ** inVain);
    const lost = { provider, back, notBefore: this.#clock.now() + doubt };
    if (there !== undefined) {
      there.set(organization, lost);
      return;
    }
    this.#lost.set(url, new Map([[organization, lost]]));
    void this.#look(url, this.#leading());
  }

  /** Its vault answered, or it is managed no longer. */
  heard(organization: string): void {
    this.#inVain.delete(organization);
    for (const lost of this.#lost.values()) lost.delete(organization);
    this.#onAnswer(organization);
  }

  async #look(url: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(this.#clock, EVERY_MS, signal);
      const lost = this.#lost.get(url);
      if (lost === undefined || lost.size === 0 || signal.aborted) break;
      const now = this.#clock.now();
      const due = [...lost].filter(([, { notBefore }]) => notBefore <= now);
      const [first] = due;
      if (first === undefined) continue;
      if (!(await first[1].provider.answers(signal))) {
        // Each has an authority of its own to trust: one that trusts a wrong one speaks for none of the others.
        if (lost.delete(first[0])) lost.set(...first);
        continue;
      }
      for (const [organization, { back }] of due) {
        if (!lost.delete(organization)) continue;
        this.#inVain.set(organization, (this.#inVain.get(organization) ?? 0) + 1);
        back();
        this.#onAnswer(organization);
      }
    }
    this.#lost.delete(url);
  }
}
