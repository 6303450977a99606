/** How many passwords are hashed at once: each takes 19 MiB and a core for 50 ms, which others would wait for. */
import { DomainError } from '../common/domain-error.ts';

/** At once; the rest of the thread pool stays for files and names. */
const AT_ONCE = 2;
/** That wait; with so many before them, most people would have given up. */
const WAITING = 100;

let running = 0;
const waiting: (() => void)[] = [];

/** Runs the work when it is its turn. Throws DomainError 429 `TooManySignIns` where too many wait already. */
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running < AT_ONCE) running += 1;
  else if (waiting.length >= WAITING) throw tooMany();
  // Who ends hands their place on.
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

function tooMany(): DomainError {
  return new DomainError({
    code: 'TooManySignIns',
    status: 429,
    detail: 'More people sign in than the server can check the passwords of.',
    next: 'Try again in a few seconds.',
    retryAfter: 5,
  });
}
