import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, parseAllDocuments } from 'yaml';

/** A working copy of the example, as a clone of the team's repository would be. */
export class WorkingCopy {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async of(example: string, folder: string): Promise<WorkingCopy> {
    await cp(example, folder, { recursive: true });
    return new WorkingCopy(folder);
  }

  /** Changes the one object of a kind and name, comments and order kept. */
  async edit(kind: string, name: string, change: (document: Document) => void): Promise<void> {
    const { file, documents, index } = await this.#find(kind, name);
    const document = documents[index];
    if (document === undefined) throw new Error(`${kind} ${name} is not in the example`);
    change(document);
    await writeFile(file, documents.map(String).join('---\n'));
  }

  /** Takes the object out, and its file where nothing else is in it. */
  async remove(kind: string, name: string): Promise<void> {
    const { file, documents, index } = await this.#find(kind, name);
    const rest = documents.filter((_, at) => at !== index);
    if (rest.length === 0) await rm(file);
    else await writeFile(file, rest.map(String).join('---\n'));
  }

  async #find(kind: string, name: string): Promise<{ file: string; documents: Document[]; index: number }> {
    for (const entry of await readdir(this.folder, { recursive: true })) {
      if (!entry.endsWith('.yaml')) continue;
      const file = join(this.folder, entry);
      const documents = parseAllDocuments(await readFile(file, 'utf8')) as Document[];
      const index = documents.findIndex(
        (document) => document.get('kind') === kind && document.getIn(['metadata', 'name']) === name,
      );
      if (index >= 0) return { file, documents, index };
    }
    throw new Error(`${kind} ${name} is not in the example`);
  }
}
