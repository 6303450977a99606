/**
 * A folder of YAML, as a clone of a repository has it, as a source of custom resources.
 *
 * Decides rail 5: that a folder which cannot be read is no empty one.
 */
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import {
  type Located,
  type ManifestOptions,
  parseManifest,
  type Source,
  type SourceProblem,
} from './manifest.ts';

export type { Located, Source, SourceProblem } from './manifest.ts';

export interface FolderLimits {
  readonly files: number;
  /** Bytes of one file. */
  readonly fileSize: number;
  /** Bytes of all of them. */
  readonly totalSize: number;
}

const LIMITS: FolderLimits = { files: 20_000, fileSize: 4 << 20, totalSize: 64 << 20 };

/** Instructions for kustomize, not objects. */
const KUSTOMIZATION = /^kustomization(?:\.ya?ml)?$/i;
const MANIFEST = /\.(?:ya?ml|json)$/;
const ALMOST_MANIFEST = /\.(?:ya?ml|json)$/i;

/** What the text of standard input is called in messages. */
const STANDARD_INPUT = 'standard input';

/** `-` is standard input, as for kubectl; anything else a folder or a file of it. */
export async function readSource(
  folder: string,
  options: ManifestOptions & { readonly limits?: FolderLimits } = {},
): Promise<Source> {
  return folder === '-' ? readStream(process.stdin, options) : readFolder(folder, options);
}

/** The objects of a stream, as kustomize and helm write them: one text, of any number of documents. */
export async function readStream(
  stream: AsyncIterable<Uint8Array>,
  { limits = LIMITS, ...options }: ManifestOptions & { readonly limits?: FolderLimits } = {},
): Promise<Source> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limits.totalSize) {
      const problem = whole(STANDARD_INPUT, 'is too large', `at most ${limits.totalSize} bytes`);
      return { objects: [], problems: [problem], warnings: [], others: 0, configMaps: [] };
    }
    chunks.push(chunk);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return {
      objects: [],
      problems: [whole(STANDARD_INPUT, 'is not UTF-8')],
      warnings: [],
      others: 0,
      configMaps: [],
    };
  }
  return together([parseManifest(STANDARD_INPUT, text, options)]);
}

/**
 * Every object of our kinds below `folder` (or in that one file), in order of the file names. Nothing throws:
 * what cannot be read is a problem with its file, line and column, and one problem means that nothing of the
 * folder may be applied (rail 5). Symbolic links are not followed: what may be a manifest is refused.
 */
export async function readFolder(
  folder: string,
  options: ManifestOptions & { readonly limits?: FolderLimits } = {},
): Promise<Source> {
  const walk = new Walk(folder, options.limits ?? LIMITS);
  await walk.start();
  const parts: Source[] = [
    { objects: [], problems: walk.problems, warnings: walk.warnings, others: 0, configMaps: [] },
  ];
  for (const file of walk.files) {
    const text = await walk.read(file);
    if (typeof text === 'string')
      parts.push(parseManifest(file === '' ? basename(folder) : file, text, options));
    else parts.push({ objects: [], problems: [text], warnings: [], others: 0, configMaps: [] });
  }
  return together(parts);
}

/** The files of a folder as one source, with what is wrong between them. */
export function together(parts: readonly Source[]): Source {
  const objects = parts.flatMap((part) => part.objects);
  return {
    objects,
    problems: inOrder([...parts.flatMap(({ problems }) => problems), ...declaredTwice(objects)]),
    warnings: parts.flatMap(({ warnings }) => warnings),
    others: parts.reduce((sum, { others }) => sum + others, 0),
    configMaps: parts.flatMap(({ configMaps }) => configMaps),
  };
}

/** `file:line:column: path: message; expected ...`, as editors and CI understand it. */
export function problemText({ file, line, column, path, message, expected }: SourceProblem): string {
  const place = `${file}:${line}:${column}:`;
  const what = path === '' ? message : `${path}: ${message}`;
  return expected === '' ? `${place} ${what}` : `${place} ${what}; expected ${expected}`;
}

class Walk {
  /** Relative to the folder. */
  readonly files: string[] = [];
  readonly problems: SourceProblem[] = [];
  readonly warnings: Source['warnings'][number][] = [];
  readonly #root: string;
  readonly #limits: FolderLimits;
  #bytes = 0;

  constructor(root: string, limits: FolderLimits) {
    this.#root = root;
    this.#limits = limits;
  }

  async start(): Promise<void> {
    // The root is the user's own word, not the repository's: a link to a folder is followed. `join` would drop the dot.
    const kind = await lstat(`${this.#root}/.`).catch(() => lstat(this.#root).catch(() => undefined));
    if (kind?.isDirectory() === true) await this.#folder(this.#root);
    else if (kind?.isFile() === true) this.files.push('');
    else if (kind?.isSymbolicLink() === true) {
      this.problems.push(whole(this.#root, 'is a symbolic link', 'a file'));
    } else this.problems.push(whole(this.#root, 'there is no such file or folder'));
  }

  async #folder(folder: string): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
    if (entries === undefined) {
      this.problems.push(whole(relative(this.#root, folder), 'cannot be read'));
      return;
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      const name = relative(this.#root, path);
      if (entry.isSymbolicLink()) {
        if (await mayBringManifests(path)) this.problems.push(whole(name, 'is a symbolic link', 'a file'));
      } else if (entry.isDirectory()) await this.#folder(path);
      else if (entry.isFile() && MANIFEST.test(entry.name) && !KUSTOMIZATION.test(entry.name)) {
        if (this.files.length === this.#limits.files) {
          this.problems.push(whole(name, 'is one file too many', `at most ${this.#limits.files} files`));
          return;
        }
        this.files.push(name);
      } else if (entry.isFile() && ALMOST_MANIFEST.test(entry.name) && !KUSTOMIZATION.test(entry.name)) {
        const message = 'is not read, by kubectl neither: rename it to end in .yaml, .yml or .json';
        this.warnings.push({ file: name, line: 1, column: 1, message });
      }
    }
  }

  /** The text of a file, or why there is none. Two reads of one folder may differ; one read is one text. */
  async read(name: string): Promise<string | SourceProblem> {
    const shown = name === '' ? basename(this.#root) : name;
    const path = name === '' ? this.#root : join(this.#root, name);
    try {
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        return await this.#textOf(shown, file);
      } finally {
        await file.close();
      }
    } catch (error) {
      return error instanceof TypeError ? whole(shown, 'is not UTF-8') : whole(shown, 'cannot be read');
    }
  }

  async #textOf(shown: string, file: FileHandle): Promise<string | SourceProblem> {
    const { size } = await file.stat();
    if (size > this.#limits.fileSize) {
      return whole(shown, 'is too large', `at most ${this.#limits.fileSize} bytes`);
    }
    this.#bytes += size;
    if (this.#bytes > this.#limits.totalSize) {
      return whole(shown, 'makes the folder too large', `at most ${this.#limits.totalSize} bytes`);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile());
  }
}

/** By the name of the link, or because it leads to a folder; where it leads is not read. */
async function mayBringManifests(link: string): Promise<boolean> {
  if (ALMOST_MANIFEST.test(link)) return true;
  const target = await stat(link).catch(() => undefined);
  return target?.isDirectory() === true;
}

function whole(file: string, message: string, expected = ''): SourceProblem {
  return { file, line: 1, column: 1, path: '', message, expected };
}

function inOrder(problems: readonly SourceProblem[]): SourceProblem[] {
  return problems.toSorted(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
}

/** `kubectl apply` would let the last one win. */
function declaredTwice(objects: readonly Located[]): SourceProblem[] {
  const first = new Map<string, Located>();
  return objects.flatMap((located) => {
    const { kind, metadata } = located.object;
    const id = `${kind} ${metadata.namespace}/${metadata.name}`;
    const earlier = first.get(id);
    if (earlier === undefined) {
      first.set(id, located);
      return [];
    }
    const { file, line, column } = located;
    const message = `${id} is declared in ${earlier.file}:${earlier.line} already`;
    return [{ file, line, column, path: 'metadata.name', message, expected: '' }];
  });
}
