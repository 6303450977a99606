import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OWNER_COMMANDS } from '#cli/person/person-commands.ts';
import { ROUTES } from '#protocol/management.ts';

const root = join(import.meta.dirname, '../../../..');

interface Route {
  readonly method: string;
  readonly path: string;
}

/** What no command does, and why. */
const WITHOUT_COMMAND: Readonly<Record<string, string>> = {
  'POST /me/passkeys': 'a browser makes passkeys',
  'POST /me/passkeys/challenge': 'a browser makes passkeys',
  'POST /sessions/passkey': 'a browser makes passkeys',
  'POST /sessions/passkey-challenge': 'a browser makes passkeys',
  'POST /sessions/current/passkey-challenge': 'a browser makes passkeys',
  'GET /me/reacceptances': '`organization list` shows memberships, with their state',
  'POST /vault/projects/{}/secrets': '`secret set` and `secret generate` make what is not there',
  'GET /vault/revision': 'a command ends; this waits',
};

/** What commands ask whose last word is their own. */
const VERBS: Readonly<Record<string, { readonly command: string; readonly verbs: readonly string[] }>> = {
  '/me/invites/{}/{verb}': { command: 'invite', verbs: ['accept', 'decline'] },
  '/vault/machines/{}/{verb}': { command: 'machine', verbs: ['disable', 'enable', 'reject'] },
  '/vault/templates/{}/{verb}': { command: 'template', verbs: ['archive', 'unarchive'] },
};

/** Routes that a person may ask, with parameters as `{}` and what is below a vault as `/vault`. */
function routesOfPeople(): Route[] {
  const { paths } = JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8')) as {
    paths: Record<string, Record<string, { 'x-requires'?: { by: string }[] }>>;
  };
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/api/v1/'))
    .flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([, { 'x-requires': requires = [] }]) =>
          requires.some(({ by }) => ['person', 'account', 'anybody'].includes(by)),
        )
        .map(([method]) => ({
          method: method.toUpperCase(),
          path: path
            .replace('/api/v1/vaults/{vaultId}', '/vault')
            .replace('/api/v1', '')
            .replace(/\{[^}]+\}/g, '{}'),
        })),
    );
}

/** What the commands ask, as their sources have it. */
function asked(): Route[] {
  const folder = join(root, 'src/cli');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return files.flatMap((name) => {
    const text = withPaths(readFileSync(join(folder, name), 'utf8'))
      // Of a secret, which is said once.
      .replaceAll(/pathTo`\$\{secretPath\(given\)\}/g, 'pathTo`/projects/{}/secrets/{}')
      .replaceAll(/secretPath\(given\)/g, 'pathTo`/projects/{}/secrets/{}`')
      .replaceAll(
        /pathTo``\.below\(ROUTES\.(\w+)\)/g,
        (_, key: keyof typeof ROUTES) => `pathTo\`${ROUTES[key]}\``,
      );
    const calls = [
      ...text.matchAll(/([\w#.]+)\(\s*'(GET|POST|PUT|PATCH|DELETE)',\s*(?:pathTo`([^`]*)`|path\b)/g),
    ];
    const named = [...text.matchAll(/(?:const path = |path: )pathTo`([^`]*)`/g)].map(
      ([, path]) => path ?? '',
    );
    const pages = named.map((path) => ({ method: 'GET', path: below('ask', path) }));
    const direct = calls.flatMap(([, by = '', method = '', path]) =>
      path === undefined
        ? named.map((one) => ({ method, path: below(by, one) }))
        : [{ method, path: below(by, path) }],
    );
    const downloads = [...text.matchAll(/download\(pathTo`([^`]*)`/g)].map(([, path = '']) => ({
      method: 'GET',
      path: below('ask', path),
    }));
    return [...pages, ...direct, ...downloads].flatMap(withVerbs);
  });
}

/** With `${path}` as what it stands for. */
function withPaths(text: string): string {
  let path = '';
  return text.replaceAll(/const path = pathTo`([^`]*)`|\$\{path\}/g, (found, named?: string) => {
    path = named ?? path;
    return named === undefined ? path : found;
  });
}

/** A call for each verb that it may have. */
function withVerbs(call: Route): readonly Route[] {
  if (!call.path.includes('{verb}')) return [call];
  const { verbs } = VERBS[call.path] ?? {};
  if (verbs === undefined) throw new Error(`the verbs of ${call.path} are not listed`);
  return verbs.map((verb) => ({ ...call, path: call.path.replace('{verb}', verb) }));
}

function below(by: string, path: string): string {
  const whole = path.replace(/\$\{([^}]+)\}/g, (_, name) => (name === 'verb' ? '{verb}' : '{}'));
  if (whole.startsWith('/api/v1')) return whole.replace('/api/v1', '');
  return /askAccount|asked/.test(by) ? whole : `/vault${whole}`;
}

test('whatever the API lets a person do has a command, or a reason why not', () => {
  const calls = asked();
  const without = routesOfPeople()
    .filter((route) => !calls.some(({ method, path }) => method === route.method && path === route.path))
    .map(({ method, path }) => `${method} ${path}`);
  expect(without.toSorted()).toEqual(Object.keys(WITHOUT_COMMAND).toSorted());
});

test('each verb that a path is asked with is that of a command', () => {
  const commands = OWNER_COMMANDS.map(({ words }) => words.join(' '));
  const listed = Object.values(VERBS).flatMap(({ command, verbs }) =>
    verbs.map((verb) => `${command} ${verb}`),
  );
  expect(listed.filter((words) => !commands.includes(words))).toEqual([]);
});
