/**
 * What a plan holds, approved on the way by the person who applies it: by the session that `login` keeps, never by
 * the credentials of automation, which approve nothing (V4).
 */
import type { ConnectTo } from '#provider/seneschal/vault-agent.ts';
import type { ApproveHeld, HeldPlan } from '../gitops/apply-command.ts';
import { Failure } from '../terminal/failure.ts';
import { tell } from '../terminal/print.ts';
import {
  type AskLine,
  isTerminal,
  TERMINAL,
  type Terminal,
  withTypedLines,
} from '../terminal/typed-lines.ts';
import { isSameOrigin } from './address.ts';
import { approvedText, giveApproval } from './approve-command.ts';
import { asKeptPerson, type Person } from './as-person.ts';
import { type KeptSession, keptSessionOf } from './contexts.ts';
import { Refused } from './person-connection.ts';
import { prove } from './proof.ts';

export interface ApprovingOptions {
  /** `--approve`: without being asked. */
  readonly approve?: boolean;
  /** `--reason`. */
  readonly reason?: string;
  readonly output: 'text' | 'json';
  readonly connectTo?: ConnectTo;
  /** Of the session; left out: the current one. */
  readonly context?: string;
}

const REASON = 'approved at the terminal of seneschal apply';

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
    const session = await sessionFor(held, options);
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
  const session = await sessionFor(held, options);
  const reasoned = { ...held, reason };
  if (isTerminal(terminal)) await withTypedLines(terminal, (ask) => give(session, reasoned, ask, options));
  else await give(session, reasoned, null, options);
}

/** The kept session, if it is one of this vault. Throws Failure. */
async function sessionFor({ url, vaultId }: HeldPlan, { context }: ApprovingOptions): Promise<KeptSession> {
  const session = await keptSessionOf(Date.now(), context);
  if (isSameOrigin(session.url, url) && session.vaultId === vaultId) return session;
  throw new Failure(
    'Usage',
    `You are signed in to ${session.vaultId ?? 'no vault'} at ${session.url}, and this plan is for ${vaultId} at ${url}.`,
    `Sign in there: seneschal login --url ${url} --vault ${vaultId}`,
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
