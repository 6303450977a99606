/** The paths that a text names, so that a test can say which of them lead nowhere. */
import { globSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../../..');

const foldersOf = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

const IN_ROOT = new Set([
  ...['src', 'test', 'docs', 'scripts', 'charts', 'crds', 'examples', 'demo', 'bench'],
  ...['.ci', '.github', '.vscode', '.devcontainer'],
]);
/** Below `src` a path may be named without it: `planning/plan.ts`; and so below `src/vault`: `members/invites.ts`. */
const IN_SRC = new Set(foldersOf('src'));
const IN_VAULT = new Set(foldersOf('src/vault'));
const ANYWHERE = ['src/**', 'test/**', 'scripts/**', 'demo/**', 'bench/**'];

const SOURCE_FILE = /^[a-z][\w.*{},<>/-]*\.(ts|py)$/;

const FENCE = /^```[\s\S]*?^```/gm;

/** Of a text in Markdown: what stands in backticks or in a fence and looks like a path. Sorted. */
export function pathsIn(markdown: string): string[] {
  const fences = markdown.match(FENCE) ?? [];
  const prose = markdown.replace(FENCE, '');
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!);
  const tokens = [...fences, ...spans].flatMap((text) => text.split(/[\s`"'();=:]+|,(?![^{]*\})/));
  return [...new Set(tokens.map((token) => token.replace(/[.,]$/, '')))].filter(looksLikeAPath).sort();
}

function looksLikeAPath(token: string): boolean {
  const [first = '', ...rest] = token.split('/');
  if (token.includes('...')) return false;
  if (SOURCE_FILE.test(token)) return true;
  // `access/usage` is the end of an address; `access/` is a folder.
  return (
    rest.length > 0 && (IN_ROOT.has(first) || IN_SRC.has(first) || (IN_VAULT.has(first) && rest[0] === ''))
  );
}

/**
 * Whether anything is there. `*` and `<name>` stand for any name, a file name alone for a file anywhere; of `{a,b}` each
 * must be there.
 */
export function leadsSomewhere(path: string): boolean {
  return withoutBraces(path.replace(/<[^>]+>/g, '*').replace(/\/$/, '')).every((pattern) => {
    const [first = ''] = pattern.split('/');
    const below = [
      ...(IN_ROOT.has(first) ? ['.'] : []),
      ...(IN_SRC.has(first) ? ['src'] : []),
      ...(IN_VAULT.has(first) ? ['src/vault'] : []),
    ];
    return (below.length > 0 ? below : ANYWHERE).some(
      (folder) => globSync(`${folder}/${pattern}`, { cwd: ROOT }).length > 0,
    );
  });
}

function withoutBraces(pattern: string): string[] {
  const [whole, before = '', choices = '', after = ''] = /^(.*?)\{([^}]*)\}(.*)$/.exec(pattern) ?? [];
  if (whole === undefined) return [pattern];
  return choices.split(',').flatMap((choice) => withoutBraces(`${before}${choice}${after}`));
}

/** Targets of links to other files, from the root. */
export function linksIn(markdown: string, file: string): string[] {
  return [...markdown.replace(FENCE, '').matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => join(dirname(file), target));
}
