/**
 * The commit that is checked out where a folder stands, read as data: git runs in a directory of our own, which has the
 * repository's objects and none of its configuration, so that no hook, filter, alias or helper of it can run.
 *
 * Decides A4: which commit a file of a work tree comes from.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { repositoryAddress } from '#model/repository-address.ts';

/** What is checked out. */
export interface Commit {
  /** 40 or 64 hex digits. */
  readonly id: string;
  /** `Name <address>`, as the commit has it. */
  readonly author: string;
  /** Of the remote `origin`; undefined: there is none that others could follow. */
  readonly repository: string | undefined;
  /** The file's path in the repository; null: it is not there as the commit has it. Read once, however often it is asked. */
  readonly pathOf: (file: string) => Promise<string | null>;
  /** Whether a path of the repository is as the commit has it: with that content, or not there in both. Null: not below the folder. */
  readonly isAsCommitted: (path: string) => Promise<boolean | null>;
}

interface Repository {
  readonly root: string;
  /** Of this work tree; `common` of all of its repository. */
  readonly own: string;
  readonly common: string;
}

const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** A reference's name, as far as it can be a path below the repository. */
const REF = /^refs\/(?:[^/\0\s.][^/\0\s]*\/)*[^/\0\s.][^/\0\s]*$/;
const WITHIN_MS = 5_000;
const LARGEST_LISTING = 64 << 20;
const REFS_DEPTH = 5;

const run = promisify(execFile);

/**
 * The commit of the work tree that has this folder or file; null where there is none, where it cannot be read, or where git
 * is not installed: it is a claim, and nothing waits for it. Never throws.
 */
export async function checkedOut(folder: string): Promise<Commit | null> {
  try {
    const place = await realpath(folder);
    const repository = await repositoryAbove(place);
    const id = repository === null ? null : await headOf(repository);
    return repository === null || id === null ? null : await commitOf(repository, id, place);
  } catch {
    return null;
  }
}

async function commitOf(repository: Repository, id: string, place: string): Promise<Commit | null> {
  const scratch = await mkdtemp(join(tmpdir(), 'seneschal-git-'));
  try {
    await bareRepository(scratch, id);
    const git = async (...args: string[]): Promise<string> => {
      const { stdout } = await run('git', args, {
        cwd: scratch,
        timeout: WITHIN_MS,
        maxBuffer: LARGEST_LISTING,
        env: {
          PATH: process.env.PATH,
          HOME: scratch,
          LC_ALL: 'C',
          GIT_DIR: scratch,
          GIT_OBJECT_DIRECTORY: join(repository.common, 'objects'),
          GIT_CONFIG_NOSYSTEM: '1',
          GIT_CONFIG_GLOBAL: '/dev/null',
          GIT_NO_LAZY_FETCH: '1',
          GIT_OPTIONAL_LOCKS: '0',
          GIT_TERMINAL_PROMPT: '0',
        },
      });
      return stdout;
    };
    const below = relative(repository.root, place);
    const [commit, listing, origin] = await Promise.all([
      git('cat-file', 'commit', id),
      git('ls-tree', '-r', '-z', '--full-tree', id, ...(below === '' ? [] : ['--', below])),
      git('config', '--file', join(repository.common, 'config'), '--get', 'remote.origin.url').catch(
        () => '',
      ),
    ]);
    const author = /^author (.*) \d+ [+-]\d{4}$/m.exec(commit.split('\n\n', 1)[0] ?? '')?.[1];
    if (author === undefined) return null;
    const blobs = blobsOf(listing);
    const paths = new Map<string, Promise<string | null>>();
    // One after the other: a folder of thousands of files is not read into memory at once.
    let before: Promise<unknown> = Promise.resolve();
    const pathOf = (file: string): Promise<string | null> => {
      const known = paths.get(file);
      if (known !== undefined) return known;
      const path = before.then(() => committedPath(repository.root, file, blobs, id.length));
      before = path;
      paths.set(file, path);
      return path;
    };
    return {
      id,
      author,
      repository: repositoryAddress(origin),
      pathOf,
      isAsCommitted: async (path) => {
        const file = resolve(repository.root, path);
        if (file !== place && !file.startsWith(place + sep)) return null;
        if (blobs.has(path)) return (await pathOf(file)) === path;
        return (await stat(file).catch(() => null)) === null;
      },
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What git needs to take a directory for a repository, with a configuration of ours. */
async function bareRepository(scratch: string, id: string): Promise<void> {
  await mkdir(join(scratch, 'refs'));
  await writeFile(join(scratch, 'HEAD'), `${id}\n`);
  const format =
    id.length === 64
      ? 'repositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n'
      : 'repositoryformatversion = 0\n\tbare = true\n';
  await writeFile(join(scratch, 'config'), `[core]\n\t${format}`);
}

/** Object ids by path, of `ls-tree -z`: `<mode> <type> <id>\t<path>`. */
function blobsOf(listing: string): ReadonlyMap<string, string> {
  return new Map(
    listing.split('\0').flatMap((line) => {
      const [, id, path] = /^\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
      return id === undefined || path === undefined ? [] : [[path, id] as const];
    }),
  );
}

async function committedPath(
  root: string,
  file: string,
  blobs: ReadonlyMap<string, string>,
  idLength: number,
): Promise<string | null> {
  try {
    const real = await realpath(file);
    const path = relative(root, real).split(sep).join('/');
    const content = await readFile(real);
    const hash = createHash(idLength === 64 ? 'sha256' : 'sha1');
    const id = hash.update(`blob ${content.length}\0`).update(content).digest('hex');
    return blobs.get(path) === id ? path : null;
  } catch {
    return null;
  }
}

/** `.git` of the nearest directory that has one: a directory, or a file that names it (linked work trees, submodules). */
async function repositoryAbove(place: string): Promise<Repository | null> {
  const start = (await stat(place)).isDirectory() ? place : dirname(place);
  for (let root = start; ; root = dirname(root)) {
    const dot = join(root, '.git');
    const found = await stat(dot).catch(() => null);
    if (found?.isDirectory() === true) return { root, own: dot, common: dot };
    if (found?.isFile() === true) return linked(root, dot);
    if (dirname(root) === root) return null;
  }
}

async function linked(root: string, dot: string): Promise<Repository | null> {
  const named = /^gitdir: (.+)$/m.exec(await readFile(dot, 'utf8'))?.[1];
  if (named === undefined) return null;
  const own = resolve(root, named);
  const common = await readFile(join(own, 'commondir'), 'utf8').catch(() => null);
  return { root, own, common: common === null ? own : resolve(own, common.trim()) };
}

/** The commit of HEAD; null: it has none yet, or its references are kept in another way than as files. */
async function headOf({ own, common }: Repository): Promise<string | null> {
  let text = (await readFile(join(own, 'HEAD'), 'utf8')).trim();
  for (let depth = 0; depth < REFS_DEPTH; depth++) {
    if (OID.test(text)) return text;
    const ref = /^ref: (.+)$/.exec(text)?.[1];
    if (ref === undefined || !REF.test(ref)) return null;
    const loose = await readFile(join(common, ref), 'utf8').catch(() => null);
    text = loose?.trim() ?? (await packedRef(common, ref)) ?? '';
  }
  return null;
}

async function packedRef(common: string, ref: string): Promise<string | null> {
  const packed = await readFile(join(common, 'packed-refs'), 'utf8').catch(() => '');
  const line = packed.split('\n').find((one) => one.endsWith(` ${ref}`));
  return line?.split(' ', 1)[0] ?? null;
}
