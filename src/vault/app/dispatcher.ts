/** Hands over what waits to leave the server, look by look, until it is told to stop. */

import type { VaultContext } from '../act/context.ts';
import { mailAlerts } from '../alerts/digests.ts';
import { deliverDue } from '../integrations/deliveries.ts';
import type { OutgoingObserver } from '../mail/observer.ts';
import { NO_POSTMAN, type Postman } from '../mail/postman.ts';
import { sendDue } from '../mail/sender.ts';
import type { Stopping } from '../mail/stopping.ts';

/** Milliseconds between two looks. */
const EVERY = 2_000;
/** Milliseconds that what is under way has at the end. */
const GRACE = 5_000;

/**
 * Starts looking, each kind by itself: a mail server that hangs keeps no webhook waiting. The answered function
 * ends them: it resolves once what is under way has ended, or its time is over. `report` is told what a look failed
 * at; the next one tries it again.
 */
export async function startDispatcher(
  context: VaultContext,
  report: (error: unknown) => void,
  observer: OutgoingObserver,
): Promise<() => Promise<void>> {
  const postman = await postmanOf(context);
  const noMore = new AbortController();
  const hurry = new AbortController();
  const stopping: Stopping = { noMore: noMore.signal, hurry: hurry.signal };
  const ends = [
    repeated(() => mailAlerts(context).catch(report)),
    repeated(() => deliverDue(context, observer, stopping).catch(report)),
    ...(postman === null
      ? []
      : [repeated(() => sendDue(context, postman, observer, stopping).catch(report))]),
  ];
  return async () => {
    noMore.abort();
    const overdue = setTimeout(() => hurry.abort(), GRACE);
    await Promise.all(ends.map((end) => end()));
    clearTimeout(overdue);
  };
}

/** One look at a time. Answers how to end it. */
function repeated(look: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> | null = null;
  const timer = setInterval(() => {
    underWay ??= look().finally(() => {
      underWay = null;
    });
  }, EVERY);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await underWay;
  };
}

/** Null: mails stay in the outbox. nodemailer is loaded only where there is a mail server. */
async function postmanOf({ outgoing: { mail } }: VaultContext): Promise<Postman | null> {
  if (mail === 'outbox') return null;
  if (mail === null) return NO_POSTMAN;
  return (await import('../mail/smtp.ts')).smtpPostman(mail);
}
