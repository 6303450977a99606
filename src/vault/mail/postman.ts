/** Who carries a mail to the mail server. */
export interface Letter {
  /** The same at every attempt: a mail server that got it twice can tell. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Postman {
  /** Resolves once the mail server took the mail. Rejects with PostError, also where `hurry` cut it short. */
  deliver(letter: Letter, hurry: AbortSignal): Promise<void>;
}

/** Why a mail was not taken: a constant, never what the mail server said, which may quote the mail. */
export class PostError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'PostError';
  }
}

/** Where no mail server is configured: every attempt fails, and says so. */
export const NO_POSTMAN: Postman = {
  deliver: () => Promise.reject(new PostError('NoMailServer')),
};
