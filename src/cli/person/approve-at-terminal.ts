/**
 * What a plan holds, approved on the way by the person who applies it: by the session that `vault login` keeps, never by
 * the credentials of automation, which approve nothing (V4).
 */
import { pathTo } from '#protocol/request-path.ts';
import type { ConnectTo } from '#provider/seneschal/vault-agent.ts';
import type { ApproveHeld, HeldPlan } from '../gitops/apply-command.ts';
import { Failure } from '../terminal/failure.ts';
import { tell } from '../terminal/print.ts';
import { type AskLine, isTerminal, type Terminal, withTypedLines } from '../terminal/typed-lines.ts';
import { approvedText, giveApproval } from './approve-command.ts';
import { asKeptPerson, isSameOrigin, type Person, Refused } from './as-person.ts';
import { type KeptSession, keptSessionOf } from './session-file.ts';

export interface ApprovingOptions {
  /** `--approve`: without being asked. */
  readonly approve?: boolean;
  /** `--reason`. */
  readonly reason?: string;
  readonly output: 'text' | 'json';
  readonly connectTo?: ConnectTo;
}

const REASON = 'approved at the terminal of seneschal apply';

/** Where it is asked. */
const TERMINAL: Terminal = { input: process.stdin, output: process.stderr };

/**
 * Without --approve it is asked once, where there is a terminal and text is printed; what keeps it from being approved is
 * told, and the rest of the plan goes on. Throws Failure with --approve alone, and Interruption.
 */
export function approvingAtTerminal(options: ApprovingOptions, terminal: Terminal = TERMINAL): ApproveHeld {
  return async (held) => {
    if (options.approve !== true) return asked(held, options, terminal);
    await byFlag(held, options, terminal);
    return true;
  };
}

async function asked(held: HeldPlan, options: ApprovingOptions, terminal: Terminal): Promise<boolean> {
  if (options.output !== 'text' || !isTerminal(terminal)) return false;
  try {
    const session = await sessionFor(held);
    return await withTypedLines(terminal, async (ask) => {
      const question = `Approve all that is held, as ${session.userName}? [y/N] `;
      const answer = (await ask(question, 'shown'))?.trim().toLowerCase();
      if (answer !== 'y' && answer !== 'yes') {
        tell('Not approved.');
        return false;
      }
      await give(session, { ...held, reason: options.reason ?? REASON }, ask, options);
      return true;
    });
  } catch (error) {
    if (!(error instanceof Failure) || error.outcome === 'Interrupted') throw error;
    tell(`Not approved: ${error.message}\n  next: ${error.next}`);
    return false;
  }
}

async function byFlag(held: HeldPlan, options: ApprovingOptions, terminal: Terminal): Promise<void> {
  const { reason } = options;
  if (reason === undefined) {
    throw new Failure('Usage', '--approve needs --reason.', 'Say why; it is kept in the audit log.');
  }
  const session = await sessionFor(held);
  const reasoned = { ...held, reason };
  if (isTerminal(terminal)) await withTypedLines(terminal, (ask) => give(session, reasoned, ask, options));
  else await give(session, reasoned, null, options);
}

/** The kept session, if it is one of this vault. Throws Failure. */
async function sessionFor({ url, vaultId }: HeldPlan): Promise<KeptSession> {
  const session = await keptSessionOf(Date.now());
  if (isSameOrigin(session.url, url) && session.vaultId === vaultId) return session;
  throw new Failure(
    'Usage',
    `You are signed in to ${session.vaultId ?? 'no vault'} at ${session.url}, and this plan is for ${vaultId} at ${url}.`,
    `Sign in there: seneschal vault login --url ${url} --vault ${vaultId} --as E-MAIL --password-file FILE.`,
  );
}

/** `ask` null: there is nobody to ask for a proof. Throws Failure. */
async function give(
  session: KeptSession,
  { vaultId, digest, reason }: HeldPlan & { readonly reason: string },
  ask: AskLine | null,
  { connectTo }: ApprovingOptions,
): Promise<void> {
  const work = async (person: Person): Promise<void> => {
    const approval = await giveApproval(person, digest, reason).catch(async (error: unknown) => {
      if (ask === null || !(error instanceof Refused) || error.code !== 'ProofNeeded') throw error;
      await prove(person, ask);
      return giveApproval(person, digest, reason);
    });
    tell(approvedText(person, approval));
  };
  await asKeptPerson(session, vaultId, work, connectTo);
}

/** By the password, and the second factor where there is one. Throws Failure. */
async function prove({ userName, askAccount }: Person, ask: AskLine): Promise<void> {
  const typed = async (question: string): Promise<string> => {
    const line = await ask(question);
    if (line === null || line === '') throw new Failure('Usage', 'Nothing was typed.', 'Run again.');
    return line;
  };
  const proof = (body: object) => askAccount('POST', pathTo`/sessions/current/proof`, body);
  const password = await typed(`Password of ${userName}: `);
  await proof({ password }).catch(async (error: unknown) => {
    if (!(error instanceof Refused) || error.code !== 'SecondFactorNeeded') throw error;
    const code = await typed('Code of the authenticator app, or a recovery code: ');
    await proof({ password, code });
  });
}
