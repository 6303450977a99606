import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeClient, KubeObject } from '#kube/kube.ts';

/** An object as a manifest has it. */
export type Manifest = KubeObject & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec?: unknown;
};

/** The objects of every YAML file of a folder, files in order of their names. */
export async function manifestsOf(folder: string): Promise<Manifest[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) =>
    parseAllDocuments(text)
      .map((document) => document.toJS() as Manifest | null)
      .filter((object) => object !== null),
  );
}

/** The path of an object's resource; the plural follows the kinds that the demo applies. */
function pathOf(object: Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'>): string {
  const { apiVersion, kind, metadata } = object;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const lower = kind.toLowerCase();
  const plural = lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : `${lower}s`;
  const namespace = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${root}${namespace}/${plural}/${metadata.name}`;
}

/** Server-side apply, as `kubectl apply --server-side` does. */
export async function apply(admin: KubeClient, object: Manifest): Promise<void> {
  const response = await admin.request({
    method: 'PATCH',
    path: `${pathOf(object)}?fieldManager=demo&force=true`,
    body: object,
    contentType: 'application/apply-patch+yaml',
  });
  refuse(response.status, object, response.body);
}

/** Deletes an object; one that is absent already is fine. */
export async function remove(admin: KubeClient, object: Manifest): Promise<void> {
  const response = await admin.request({ method: 'DELETE', path: pathOf(object) });
  if (response.status !== 404) refuse(response.status, object, response.body);
}

/** The object as it stands, or undefined where it is absent. */
export async function read<T>(admin: KubeClient, object: Manifest): Promise<T | undefined> {
  const response = await admin.request({ method: 'GET', path: pathOf(object) });
  if (response.status === 404) return undefined;
  refuse(response.status, object, response.body);
  return response.body as T;
}

function refuse(status: number, object: Manifest, body: unknown): void {
  if (status < 400) return;
  const message = (body as { message?: string }).message ?? `status ${status}`;
  throw new Error(`${object.kind} ${object.metadata.name}: ${message}`);
}

/**
 * Asks every 50 ms until there is an answer.
 * @throws after `seconds`, saying what it waited for.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  seconds = 60,
  explain: () => Promise<string> = async () => '',
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what}\n${await explain()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The data of a Secret that holds the files of a folder, as `kubectl create secret generic --from-file` makes it. */
export async function encodedFilesIn(folder: string): Promise<Record<string, string>> {
  const files = (await readdir(folder)).map(async (name) => [
    name,
    (await readFile(join(folder, name))).toString('base64'),
  ]);
  return Object.fromEntries(await Promise.all(files));
}
