/** One file of YAML or JSON to objects of our kinds. Pure: what comes from Git is not trusted. */
import { type Document, isMap, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml';
import { type CustomResource, GROUP, KINDS, VERSION } from '#api/v1alpha1/kinds.ts';
import { type Path, parseObject, pathText } from '#api/v1alpha1/validate.ts';
import { closeTo } from '#model/close-to.ts';
import { READING, readAs } from './plain-scalars.ts';
import { nodeAt, offsetPosition, type Position, positionOf } from './position.ts';

/** Where an object stands. */
export interface Located extends Position {
  readonly object: CustomResource;
  readonly file: string;
  /** Where a field of it stands; where there is no such field, the nearest thing around it that is there. */
  placeOf(path: Path): Position;
}

/** What is wrong, and where. `path` is empty where the text is not even YAML. */
export interface SourceProblem extends Position {
  readonly file: string;
  readonly path: string;
  readonly message: string;
  /** What would have been right; empty where the message says it all. */
  readonly expected: string;
}

interface SourceWarning extends Position {
  readonly file: string;
  readonly message: string;
}

export interface Source {
  readonly objects: readonly Located[];
  readonly problems: readonly SourceProblem[];
  readonly warnings: readonly SourceWarning[];
  /** How many objects of other groups were left alone. */
  readonly others: number;
  /** Texts of ConfigMaps, which templates of targets may be in; they count as others. */
  readonly configMaps: readonly ConfigMapTexts[];
}

export interface ConfigMapTexts {
  readonly namespace: string;
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
}

export interface ManifestOptions {
  /** For objects that name none. */
  readonly defaultNamespace?: string | undefined;
}

/** More aliases than people write; fewer than an alias bomb needs. */
const MAX_ALIASES = 100;

/** Of one document that is not YAML: most of what follows the first is only its echo. */
const MAX_FAULTS = 10;

/** The objects of a file; `file` is only for messages. */
export function parseManifest(file: string, text: string, options: ManifestOptions = {}): Source {
  const reading = new Reading(file, options);
  try {
    const { documents, lines } = documentsOf(text);
    const again = documentsAgain(text);
    for (const [index, document] of documents.entries())
      reading.document(document, text, lines, () => again(index));
  } catch (error) {
    // Parser and visitor recurse: nesting of thousands of levels ends the stack.
    if (!(error instanceof RangeError)) throw error;
    reading.problem({ line: 1, column: 1 }, [], 'is nested too deeply');
  }
  return reading.result;
}

interface Documents {
  readonly documents: readonly Document[];
  readonly lines: LineCounter;
}

function documentsOf(text: string): Documents {
  const lines = new LineCounter();
  return { documents: parseAllDocuments(text, { ...READING, lineCounter: lines }) as Document[], lines };
}

/** Nodes take fifty times the text, and who asks where something stands is rare: they are made anew for that. */
function documentsAgain(text: string): (index: number) => Pick<Place, 'document' | 'lines'> {
  let read: Documents | undefined;
  return (index) => {
    read ??= documentsOf(text);
    return { document: read.documents[index] as Document, lines: read.lines };
  };
}

class Reading {
  readonly #file: string;
  readonly #options: ManifestOptions;
  /** Of the documents so far: an alias reaches none of another document. */
  readonly #anchors = new Set<string>();
  readonly result: {
    objects: Located[];
    problems: SourceProblem[];
    warnings: SourceWarning[];
    others: number;
    configMaps: ConfigMapTexts[];
  } = {
    objects: [],
    problems: [],
    warnings: [],
    others: 0,
    configMaps: [],
  };

  constructor(file: string, options: ManifestOptions) {
    this.#file = file;
    this.#options = options;
  }

  problem(at: Position, path: Path, message: string, expected = ''): void {
    this.result.problems.push({ file: this.#file, ...at, path: pathText(path), message, expected });
  }

  document(document: Document, text: string, lines: LineCounter, again: Place['again']): void {
    const faults = [...document.errors, ...document.warnings].slice(0, MAX_FAULTS);
    for (const fault of faults) {
      if (fault.code === 'DUPLICATE_KEY') {
        this.#givenTwice(text.slice(fault.pos[0]), offsetPosition(lines, fault.pos[0]));
        continue;
      }
      // The first line of the message; the rest draws the text, which may hold what nobody should print.
      const [message = 'is not YAML'] = fault.message.split(/ at line |\n/);
      this.problem(offsetPosition(lines, fault.pos[0]), [], message);
    }
    if (faults.length > 0 || document.contents === null) return;
    const safe = this.#safe(document, lines);
    if (!safe) return;
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch {
      this.problem(
        positionOf(document, lines, []),
        [],
        'expands to too much',
        `at most ${MAX_ALIASES} aliases`,
      );
      return;
    }
    if (value === null) return;
    this.#value({ document, lines, again, path: [] }, value);
  }

  #givenTwice(rest: string, at: Position): void {
    const key = /^[A-Za-z][\w./-]{0,62}(?=:)/.exec(rest)?.[0];
    const message = `the key ${key === undefined ? '' : `${key} `}is given twice`;
    this.problem(at, [], message, at.column === 1 ? 'once, or --- between two objects' : 'once');
  }

  /** False where something of it is refused. */
  #safe(document: Document, lines: LineCounter): boolean {
    let safe = true;
    const anchors: string[] = [];
    const note = ({ anchor }: { readonly anchor?: string | undefined }): void => {
      if (anchor !== undefined) anchors.push(anchor);
    };
    const refuse = (offset: number | undefined, message: string, expected = ''): void => {
      this.problem(offsetPosition(lines, offset ?? 0), [], message, expected);
      safe = false;
    };
    visit(document, {
      Collection: (_, node) => note(node),
      Scalar: (_, node) => {
        const { value, range } = node;
        note(node);
        if (typeof value === 'string' && !value.isWellFormed()) {
          refuse(range?.[0], 'has half of a surrogate pair, which is no character', 'the whole character');
        }
        if (typeof value === 'number' && !Number.isFinite(value)) {
          refuse(range?.[0], 'is a number that JSON cannot say', 'a finite number, or a text in quotes');
        }
      },
      Alias: (_, node) => {
        if (node.resolve(document) !== undefined) return;
        const elsewhere = this.#anchors.has(node.source)
          ? `the anchor ${node.source} stands in another document of the file, where no alias reaches`
          : `there is no anchor ${node.source} before it`;
        refuse(node.range?.[0], elsewhere, 'an anchor of the same document');
      },
      Pair: (_, { key }) => {
        if (!isScalar(key) || (typeof key.value === 'object' && key.value !== null)) {
          this.problem(positionOf(document, lines, []), [], 'has a key that is no text', 'a text');
          safe = false;
        } else if (key.value === '__proto__') {
          this.problem(offsetPosition(lines, key.range?.[0] ?? 0), [], 'the key __proto__ is refused');
          safe = false;
        }
      },
    });
    for (const anchor of anchors) this.#anchors.add(anchor);
    return safe;
  }

  #value(place: Place, value: unknown): void {
    const at = placeOf(place);
    const { document, lines } = place;
    if (!isObject(value) || typeof value.apiVersion !== 'string' || typeof value.kind !== 'string') {
      // Skipping it would take a mistyped `apiVersion` for an object that is declared no longer.
      this.problem(at, place.path, 'is no Kubernetes object', 'apiVersion and kind');
      return;
    }
    const { apiVersion, kind, items } = value as { apiVersion: string; kind: string; items?: unknown };
    const ours = apiVersion === GROUP || apiVersion.startsWith(`${GROUP}/`);
    if (Array.isArray(items) && (kind === 'List' || (ours && kind.endsWith('List')))) {
      for (const [index, item] of items.entries()) {
        this.#value({ ...place, path: [...place.path, 'items', index] }, item);
      }
      return;
    }
    const meant = ours ? undefined : closeTo(apiVersion.split('/')[0] ?? '', [GROUP]);
    if (meant !== undefined) {
      // Skipped, it would be an object that is declared no longer.
      const where = positionOf(document, lines, [...place.path, 'apiVersion']);
      this.problem(where, [...place.path, 'apiVersion'], 'is not our group', `${meant}/${VERSION}`);
      return;
    }
    if (!ours) {
      this.result.others += 1;
      if (apiVersion === 'v1' && kind === 'ConfigMap') this.#configMap(value);
      if ((KINDS as readonly string[]).includes(kind)) {
        const message = `skipped: ${kind} of ${apiVersion} is not ours (${GROUP})`;
        this.result.warnings.push({ file: this.#file, ...at, message });
      }
      return;
    }
    this.#ours(place, value);
  }

  #configMap({ metadata, data }: Record<string, unknown>): void {
    if (!isObject(metadata) || typeof metadata.name !== 'string' || !isObject(data)) return;
    const { name, namespace = this.#options.defaultNamespace ?? '' } = metadata;
    const texts = Object.entries(data).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    this.result.configMaps.push({ namespace: String(namespace), name, data: Object.fromEntries(texts) });
  }

  #ours(place: Place, value: Record<string, unknown>): void {
    const { document, lines, again, path } = place;
    const parsed = parseObject(this.#withNamespace(value));
    if (parsed.ok) {
      this.result.objects.push({
        object: parsed.object,
        file: this.#file,
        ...placeOf(place),
        placeOf: (within) => {
          const read = again();
          return positionOf(read.document, read.lines, [...path, ...within]);
        },
      });
      return;
    }
    for (const { code, path: within, message, expected } of parsed.problems) {
      const at = positionOf(document, lines, [...path, ...within], code === 'UnknownField' ? 'key' : 'value');
      const node = nodeAt(document, [...path, ...within]);
      const read =
        isScalar(node) && node.type === 'PLAIN' ? readAs(node.source ?? '', node.value) : undefined;
      const said =
        read === undefined ? message : `${message}: ${read} to kubectl (YAML 1.1), quote it if it is a text`;
      this.problem(at, [...path, ...within], said, expected);
    }
  }

  #withNamespace(value: Record<string, unknown>): Record<string, unknown> {
    const { metadata } = value;
    const { defaultNamespace } = this.#options;
    if (defaultNamespace === undefined || !isObject(metadata) || metadata.namespace !== undefined)
      return value;
    return { ...value, metadata: { ...metadata, namespace: defaultNamespace } };
  }
}

interface Place {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly path: Path;
  /** The same document with its lines, after the first was let go. */
  readonly again: () => Pick<Place, 'document' | 'lines'>;
}

function placeOf({ document, lines, path }: Omit<Place, 'again'>): Position {
  // The document's own start may be a comment above it: the first key is where a reader looks.
  const first = path.length === 0 && isMap(document.contents) ? document.contents.items[0]?.key : undefined;
  const offset = isScalar(first) ? first.range?.[0] : undefined;
  return offset === undefined ? positionOf(document, lines, path) : offsetPosition(lines, offset);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
