/** What options say in one word, as the vault takes it. */
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
