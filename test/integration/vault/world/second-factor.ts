/** An authenticator app of a test: the codes of a shared secret at a time. */
import { Secret, TOTP } from 'otpauth';
import { type Answer, PASSWORD, type TestVault } from '#test/builders/vault.ts';
import { askNobody, type Person } from './people.ts';

export class App {
  readonly #totp: TOTP;

  constructor(secret: string) {
    this.#totp = new TOTP({ secret: Secret.fromBase32(secret) });
  }

  /** The code that it shows at a time, in milliseconds. */
  code(at: number): string {
    return this.#totp.generate({ timestamp: at });
  }

  /** A code that it shows at no time near. */
  wrong(at: number): string {
    const near = [-2, -1, 0, 1, 2].map((step) => this.code(at + step * STEP));
    for (let n = 0; ; n += 1) {
      const code = String(n).padStart(6, '0');
      if (!near.includes(code)) return code;
    }
  }
}

/** Milliseconds from one code to the next. */
export const STEP = 30_000;

/** Enrols and confirms; the person's session must have proven itself. The confirming code is used by that. */
export async function withSecondFactor(
  person: Person,
  at: number,
): Promise<{ readonly app: App; readonly recoveryCodes: readonly string[] }> {
  const enrolled = await person.ask<{ secret: string }>('POST', '/me/second-factor');
  if (enrolled.status !== 201) throw new Error(`enrol: ${JSON.stringify(enrolled.body)}`);
  const app = new App(enrolled.body.secret);
  const confirmed = await person.ask<{ recoveryCodes: string[] }>('POST', '/me/second-factor/confirm', {
    code: app.code(at),
  });
  if (confirmed.status !== 200) throw new Error(`confirm: ${JSON.stringify(confirmed.body)}`);
  return { app, recoveryCodes: confirmed.body.recoveryCodes };
}

/** One attempt to sign in by the right password. */
export function attempt(
  vault: TestVault,
  email: string,
  code?: string,
  more: { readonly password?: string; readonly headers?: Record<string, string> } = {},
): Promise<Answer<{ code?: string; token?: string; next?: string }>> {
  const body = { email, password: more.password ?? PASSWORD, ...(code === undefined ? {} : { code }) };
  return askNobody(vault, 'POST', '/sessions', body, more.headers);
}
