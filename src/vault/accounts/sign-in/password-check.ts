/**
 * Proves a password, and the second factor where there is one: for signing in, and for a recent proof (V7).
 *
 * Decides O1: that the password alone proves nobody who has a second factor.
 */
import type { VaultContext } from '../../act/context.ts';
import { ANYBODY, SOURCE_LIMITS, type Tallies, talliesOf } from '../../act/lockout.ts';
import { DomainError } from '../../common/domain-error.ts';
import { type Account, accountByPassword } from '../../sessions/accounts.ts';
import type { Proof } from '../../sessions/proof.ts';
import type { ProvenBy } from '../../store/tables/sign-in-tables.ts';
import { useCode } from './code-check.ts';
import { type SecondFactorContext, secondFactorOf, wrongCode } from './second-factor.ts';

/** What a person gives. `code`: of their app, or a recovery code. */
export interface GivenPassword {
  readonly password: string;
  readonly code?: string | undefined;
}

type Context = SecondFactorContext & Pick<VaultContext, 'hasReplicas'>;

export class PasswordCheck {
  readonly #context: Context;
  readonly #lockout: Tallies;
  /** By source alone: one wrong password for each of many accounts is a guess as well. */
  readonly #sources: Tallies;
  /** The last attempt under way, by identity and source. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(context: Context) {
    this.#context = context;
    this.#lockout = talliesOf(context, 'people');
    this.#sources = talliesOf(context, 'people', SOURCE_LIMITS);
  }

  /**
   * Throws DomainError `LockedOut` and `WrongPassword`, the same whether or not there is an account; only to who
   * knows the password `SecondFactorNeeded`, `WrongCode` and `CodesWait`. SealedError where the second factor cannot
   * be read.
   */
  prove(address: string, given: GivenPassword, source: string): Promise<Proof> {
    return this.#counted(address, source, async (identity) => {
      const found = await accountByPassword(this.#context.reader, identity, given.password);
      if (found === null) {
        throw new DomainError({
          code: 'WrongPassword',
          status: 401,
          detail: 'Address or password is wrong.',
          next: 'Try again, or ask for a new password.',
        });
      }
      const by = await this.#secondFactor(found.account, given.code, source);
      return { ...found, by };
    });
  }

  /**
   * Proves the second factor alone, where something else stands for the password; nothing where there is none.
   * Throws as `prove` does.
   */
  proveSecondFactor(account: Account, code: string | undefined, source: string): Promise<ProvenBy> {
    return this.#counted(account.email, source, () => this.#secondFactor(account, code, source));
  }

  async #secondFactor(account: Account, code: string | undefined, source: string): Promise<ProvenBy> {
    const factor = await secondFactorOf(this.#context.reader, account.id);
    if (factor === undefined) return 'Password';
    if (code === undefined) {
      throw new DomainError({
        code: 'SecondFactorNeeded',
        status: 401,
        detail: 'This account has a second factor.',
        next: 'Send the same again with `code`: of your authenticator app, or a recovery code.',
      });
    }
    if (!(await useCode(this.#context, { account, source }, code))) throw wrongCode();
    return 'SecondFactor';
  }

  /**
   * One attempt of an identity from an address. Wrong passwords and wrong codes count alike, and only a whole proof
   * forgets them: a right password between two wrong codes is what a guesser would send.
   */
  async #counted<T>(address: string, source: string, attempt: (identity: string) => Promise<T>): Promise<T> {
    const identity = address.trim().toLowerCase();
    await this.#refuseLocked(identity, source);
    // One after the other: guesses that come at once would all be made before the first one counted.
    const pair = `${identity} ${source}`;
    const before = this.#underWay.get(pair) ?? Promise.resolve();
    const made = before.then(async () => {
      await this.#refuseLocked(identity, source);
      try {
        const proven = await attempt(identity);
        await this.#lockout.succeeded(identity, source);
        return proven;
      } catch (error) {
        if (isWrong(error)) {
          const now = this.#context.clock.now();
          await this.#lockout.failed(identity, source, now);
          await this.#sources.failed(ANYBODY, source, now);
        }
        throw error;
      }
    });
    const ended = made.then(
      () => undefined,
      () => undefined,
    );
    this.#underWay.set(pair, ended);
    try {
      return await made;
    } finally {
      if (this.#underWay.get(pair) === ended) this.#underWay.delete(pair);
    }
  }

  async #refuseLocked(identity: string, source: string): Promise<void> {
    const now = this.#context.clock.now();
    if (await this.#sources.isLocked(ANYBODY, source, now)) {
      throw new DomainError({
        code: 'LockedOut',
        status: 429,
        detail: 'Too many failed attempts from where you are, for whichever account.',
        next: 'Wait a minute.',
        retryAfter: 60,
      });
    }
    if (await this.#lockout.isLocked(identity, source, now)) {
      throw new DomainError({
        code: 'LockedOut',
        status: 429,
        detail: 'Too many failed attempts for this address.',
        next: 'Wait a minute.',
        retryAfter: 60,
      });
    }
  }
}

function isWrong(error: unknown): boolean {
  return error instanceof DomainError && (error.code === 'WrongPassword' || error.code === 'WrongCode');
}
