import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { problemText, readFolder, readStream } from '#source/folder.ts';

const member = (name: string) => `apiVersion: seneschal.dev/v1alpha1
kind: Member
metadata: {name: ${name}, namespace: acme}
spec: {organizationRef: {name: acme}, email: ${name}@acme.example}
`;

async function folder(files: Record<string, string | Buffer>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'seneschal-test-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  return root;
}

async function read(root: string, options: Parameters<typeof readFolder>[1] = {}) {
  const { objects, problems } = await readFolder(root, options);
  return {
    objects: objects.map(({ file, object }) => `${file} ${object.metadata.name}`),
    problems: problems.map(problemText),
  };
}

test('the example is read whole, without problems or warnings', async () => {
  const example = join(import.meta.dirname, '../../../examples/acme');
  const { objects, problems, warnings } = await readFolder(example);
  expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
  const kinds = Object.groupBy(objects, ({ object }) => object.kind);
  expect(Object.fromEntries(Object.entries(kinds).map(([kind, list]) => [kind, list.length]))).toEqual({
    Organization: 1,
    Member: 6,
    Group: 1,
    PermissionTemplate: 2,
    Project: 3,
    MachineBinding: 2,
  });
});

test('folders are read in order of names; dot folders, kustomizations and other files are not', async () => {
  const root = await folder({
    'b.yaml': member('bob'),
    'a/z.yml': member('alice'),
    'a/c.json': JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'acme' } }),
    '.git/x.yaml': 'not ours',
    'a/kustomization.yaml': 'resources: [z.yml]',
    'README.md': '# hello',
  });
  expect(await read(root)).toEqual({ objects: ['a/z.yml alice', 'b.yaml bob'], problems: [] });
});

test('one file alone can be read', async () => {
  const root = await folder({ 'b.yaml': member('bob') });
  expect(await read(join(root, 'b.yaml'))).toEqual({ objects: ['b.yaml bob'], problems: [] });
});

test('rail 5: a folder that is not there is a problem, not an empty source', async () => {
  const root = join(tmpdir(), 'seneschal-test-nowhere');
  expect((await read(root)).problems).toEqual([`${root}:1:1: there is no such file or folder`]);
});

test('a symbolic link is refused, not followed', async () => {
  const root = await folder({ 'b.yaml': member('bob') });
  const outside = await folder({ 'c.yaml': member('carol') });
  await symlink(join(outside, 'c.yaml'), join(root, 'c.yaml'));
  await symlink(outside, join(root, 'd'));
  expect(await read(root)).toEqual({
    objects: ['b.yaml bob'],
    problems: [
      'c.yaml:1:1: is a symbolic link; expected a file',
      'd:1:1: is a symbolic link; expected a file',
    ],
  });
});

test('a symbolic link to what is no manifest is left alone', async () => {
  const root = await folder({ 'b.yaml': member('bob') });
  const outside = await folder({ 'README.md': '# hello' });
  await symlink(join(outside, 'README.md'), join(root, 'README.md'));
  await symlink(join(outside, 'gone'), join(root, 'gone'));
  expect(await read(root)).toEqual({ objects: ['b.yaml bob'], problems: [] });
});

test('a file whose ending differs in case is warned of: kubectl does not read it, and its objects would be gone', async () => {
  const root = await folder({ 'b.yaml': member('bob'), 'c.YAML': member('carol'), 'd.Yml': member('dave') });
  const { objects, warnings } = await readFolder(root);
  expect(objects).toHaveLength(1);
  expect(warnings.map(({ file, message }) => `${file} ${message}`)).toEqual(
    ['c.YAML', 'd.Yml'].map(
      (file) => `${file} is not read, by kubectl neither: rename it to end in .yaml, .yml or .json`,
    ),
  );
});

test('standard input is one text of many documents; objects of other kinds are counted', async () => {
  const other = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: acme}\n';
  const text = Buffer.from([member('alice'), other, member('bob'), 'kind: 1\n'].join('---\n'));
  const halves = [text.subarray(0, 100), text.subarray(100)];
  const { objects, problems, others } = await readStream(Readable.from(halves));
  expect(objects.map(({ file, line, object }) => `${file}:${line} ${object.metadata.name}`)).toEqual([
    'standard input:1 alice',
    'standard input:10 bob',
  ]);
  expect(problems.map(problemText)).toEqual([
    'standard input:15:1: is no Kubernetes object; expected apiVersion and kind',
  ]);
  expect(others).toBe(1);
});

test('standard input is limited, and has to be UTF-8', async () => {
  const limits = { files: 1, fileSize: 10, totalSize: 10 };
  const problemsOf = async (...chunks: Buffer[]) =>
    (await readStream(Readable.from(chunks), { limits })).problems.map(problemText);
  expect(await problemsOf(Buffer.alloc(8), Buffer.alloc(8))).toEqual([
    'standard input:1:1: is too large; expected at most 10 bytes',
  ]);
  expect(await problemsOf(Buffer.from([0x61, 0xff]))).toEqual(['standard input:1:1: is not UTF-8']);
});

test('a folder that is itself reached by a link is followed: the user named it', async () => {
  const root = await folder({ 'b.yaml': member('bob') });
  const link = join(await folder({}), 'current');
  await symlink(root, link);
  expect(await read(link)).toEqual({ objects: ['b.yaml bob'], problems: [] });
  await symlink(join(root, 'b.yaml'), `${link}.yaml`);
  expect((await read(`${link}.yaml`)).problems).toEqual([
    `${link}.yaml:1:1: is a symbolic link; expected a file`,
  ]);
});

test('an object that is declared twice is a problem of the second', async () => {
  const root = await folder({ 'a.yaml': member('bob'), 'b.yaml': `---\n${member('bob')}` });
  expect((await read(root)).problems).toEqual([
    'b.yaml:2:1: metadata.name: Member acme/bob is declared in a.yaml:1 already',
  ]);
});

test('bytes that are not UTF-8 are a problem', async () => {
  const root = await folder({ 'a.yaml': Buffer.from([0x61, 0xff, 0xfe]) });
  expect((await read(root)).problems).toEqual(['a.yaml:1:1: is not UTF-8']);
});

test('sizes and the number of files are limited', async () => {
  const root = await folder({
    'a.yaml': member('alice'),
    'b.yaml': member('bob'),
    'c.yaml': member('carol'),
  });
  const limits = { files: 3, fileSize: 1_000, totalSize: 10_000 };
  expect((await read(root, { limits })).problems).toEqual([]);
  expect((await read(root, { limits: { ...limits, files: 2 } })).problems).toEqual([
    'c.yaml:1:1: is one file too many; expected at most 2 files',
  ]);
  expect((await read(root, { limits: { ...limits, fileSize: 10 } })).problems).toHaveLength(3);
  expect((await read(root, { limits: { ...limits, totalSize: 200 } })).problems).toEqual([
    'b.yaml:1:1: makes the folder too large; expected at most 200 bytes',
    'c.yaml:1:1: makes the folder too large; expected at most 200 bytes',
  ]);
});
