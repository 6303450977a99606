/** One run of the program that an `exec` user of a kubeconfig names: without a shell, bounded in time and output. */
import { execFile } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { type ExecEntry, KubeConfigError } from './kubeconfig-file.ts';

/** A login in a browser takes its time; a plugin that hangs must not hang the program. */
const TIME_LIMIT_MS = 60_000;
const OUTPUT_LIMIT = 256 * 1024;
const WORDS_LIMIT = 200;

export interface PluginRun {
  readonly exec: ExecEntry;
  /** File and user, for messages. */
  readonly where: string;
  /** `KUBERNETES_EXEC_INFO`. */
  readonly info: string;
  /** What no message may hold, whoever says it. */
  readonly secrets: readonly string[];
  readonly timeLimitMs?: number | undefined;
}

/**
 * What the plugin printed.
 * @throws KubeConfigError with the last line that it wrote to stderr; what it printed stays untold
 */
export function runPlugin({ exec, where, info, secrets, timeLimitMs }: PluginRun): Promise<string> {
  const given = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value ?? '']));
  const options = {
    env: { ...process.env, ...given, KUBERNETES_EXEC_INFO: info },
    timeout: timeLimitMs ?? TIME_LIMIT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_LIMIT,
    windowsHide: true,
  } as const;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const fail = (error: RunError, words: string): void => {
    const { what, next } = failureOf(error, exec, words);
    reject(new KubeConfigError(`${where}: the exec plugin ${exec.command} ${what}`, next));
  };
  try {
    const child = execFile(exec.command ?? '', exec.args ?? [], options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      // A word of its answer is a credential for all that anybody knows.
      const printed = stdout.match(/[^\s"',]{8,}/g) ?? [];
      fail(error, lastLine(stderr, [...secrets, ...Object.values(given), ...secretArgs(exec), ...printed]));
    });
    // Nobody answers it.
    child.stdin?.end();
  } catch (error) {
    // Node throws what the system refuses at once (E2BIG, ENOTDIR) and what it refuses itself; the text quotes arguments.
    fail({ code: (error as RunError).code ?? null }, '');
  }
  return promise;
}

interface RunError {
  readonly code?: string | number | null;
  readonly killed?: boolean;
  readonly signal?: string | null;
}

function failureOf(error: RunError, exec: ExecEntry, words: string): { what: string; next: string } {
  const next = 'Run the plugin by hand and correct what it names.';
  const said = words === '' ? '' : `: ${words}`;
  if (error.code === 'ENOENT') {
    const hint = exec.installHint === undefined ? '' : `: ${oneLine(exec.installHint)}`;
    return { what: `is not there${hint}`, next: 'Install it, or correct exec.command.' };
  }
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return { what: 'printed too much', next };
  if (error.killed === true) return { what: `did not end in time${said}`, next };
  if (typeof error.code === 'string') return { what: `cannot be run (${error.code})`, next };
  return { what: `ended with ${error.code ?? error.signal}${said}`, next };
}

/** Plugins for OIDC are given the client's secret as an argument. */
function secretArgs({ args = [] }: ExecEntry): string[] {
  return args.flatMap((arg, index) => {
    const before = args[index - 1] ?? '';
    if (arg.startsWith('-')) return /^--[a-z-]+$/i.test(arg) ? [] : [arg.slice(arg.indexOf('=') + 1)];
    return /^-.*(?:secret|password|token|key)$/i.test(before) ? [arg] : [];
  });
}

function lastLine(stderr: string, secrets: readonly string[]): string {
  const lines = stripVTControlCharacters(stderr).trimEnd().split('\n');
  let line = (lines.at(-1) ?? '').slice(0, OUTPUT_LIMIT / 8);
  // A line of stderr holds a line of a PEM at most. Longest first: a secret may begin as another one does.
  const parts = new Set(secrets.flatMap((secret) => [secret, ...secret.split(/\s+/)]));
  for (const part of [...parts].sort((a, b) => b.length - a.length)) {
    if (part.length > 3 && line.includes(part)) line = line.replaceAll(part, '[redacted]');
  }
  return oneLine(line);
}

/** Without control characters, so that it neither colours a terminal nor forges a line of a log. */
function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, WORDS_LIMIT);
}
