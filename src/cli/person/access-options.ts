/** What options say in one word, as the vault takes it. */
import { expiresAt } from '#api/v1alpha1/field-schemas.ts';
import { Failure } from '../terminal/failure.ts';

interface ProjectAccess {
  readonly project: string;
  readonly secrets: readonly string[];
}

/** `web/api-key`, `web/` to access by project. Throws Failure `Usage`. */
export function accessOf(given: readonly string[]): ProjectAccess[] {
  const projects = new Map<string, string[]>();
  for (const text of given) {
    const at = text.indexOf('/');
    if (at < 1) {
      throw new Failure(
        'Usage',
        `--access ${text} is not PROJECT/SECRET.`,
        'Write the project, a slash, the secret.',
      );
    }
    const project = text.slice(0, at);
    const secret = text.slice(at + 1);
    projects.set(project, [...(projects.get(project) ?? []), ...(secret === '' ? [] : [secret])]);
  }
  return [...projects].map(([project, secrets]) => ({ project, secrets }));
}

/** Throws Failure `Usage`. */
export function wholeNumber(text: string, what: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Failure('Usage', `${what} ${text} is no number.`, `Correct ${what}.`);
}

/** `2027-01-31T18:00:00Z` to milliseconds, `never` to null; undefined: nothing is said of it. Throws Failure `Usage`. */
function endGiven(text: string | undefined, what: string): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === 'never') return null;
  if (expiresAt.safeParse(text).success) return Date.parse(text);
  throw new Failure(
    'Usage',
    `${what} ${text} is no time.`,
    'Write it as RFC 3339 does, 2027-01-31T18:00:00Z, or never.',
  );
}

/** The same as a field of what is sent: nothing where nothing is said. Throws Failure `Usage`. */
export function endField(text: string | undefined, what = '--expires-at'): { expiresAt?: number | null } {
  const end = endGiven(text, what);
  return end === undefined ? {} : { expiresAt: end };
}

export const EXPIRES_AT = {
  flags: '--expires-at <time>',
  description: 'when it ends, as 2027-01-31T18:00:00Z; default: never',
} as const;

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `90m`, `12h`, `30d` to seconds. Throws Failure `Usage`. */
export function lifeOf(text: string, option: string): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) {
    throw new Failure(
      'Usage',
      `${option} ${text} is no duration.`,
      'Write a number with s, m, h or d: 90m, 12h, 30d.',
    );
  }
  return Number(count) * (UNITS[unit] ?? 1);
}

/** `Mon,Tue/08:00-18:00/Europe/Berlin` as the vault takes it; null: nothing is said of it. Throws Failure `Usage`. */
export function windowOf(text: string | undefined): object | null {
  if (text === undefined) return null;
  const [, days, from, to, timeZone] = /^([A-Za-z,]+)\/(\d\d:\d\d)-(\d\d:\d\d)\/(.+)$/.exec(text) ?? [];
  if (days === undefined) {
    throw new Failure(
      'Usage',
      '--hours is not DAYS/FROM-TO/ZONE.',
      'For example Mon,Tue/08:00-18:00/Europe/Berlin.',
    );
  }
  return { days: days.split(','), from, to, timeZone };
}

/** `2027-01-31T18:00:00Z`, or as long ago as `30d`, to milliseconds. Throws Failure `Usage`. */
export function momentGiven(text: string | undefined, what: string, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+[smhd]$/.test(text)) return now - lifeOf(text, what) * 1000;
  return endGiven(text, what) ?? undefined;
}
