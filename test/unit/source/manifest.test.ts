import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problemText } from '#source/folder.ts';
import { parseManifest } from '#source/manifest.ts';

const member = (name: string, more = '') => `apiVersion: seneschal.dev/v1alpha1
kind: Member
metadata:
  name: ${name}
  namespace: acme
spec:
  organizationRef:
    name: acme
  email: ${name}@acme.example
${more}`;

const read = (text: string, options = {}) => {
  const { objects, problems, warnings } = parseManifest('a.yaml', text, options);
  return {
    objects: objects.map(
      ({ object, line, column }) => `${line}:${column} ${object.kind} ${object.metadata.name}`,
    ),
    problems: problems.map(problemText),
    warnings: warnings.map(({ line, column, message }) => `${line}:${column} ${message}`),
  };
};

const fine = (objects: string[]) => ({ objects, problems: [], warnings: [] });

describe('a file', () => {
  test('may hold several documents, comments and empty ones', () => {
    expect(read(`# people\n${member('alice')}---\n# nobody\n---\n${member('bob')}`)).toEqual(
      fine(['2:1 Member alice', '14:1 Member bob']),
    );
  });

  test('may be JSON', () => {
    const text = JSON.stringify({
      apiVersion: 'seneschal.dev/v1alpha1',
      kind: 'Member',
      metadata: { name: 'alice', namespace: 'acme' },
      spec: { organizationRef: { name: 'acme' }, email: 'alice@acme.example' },
    });
    expect(read(text)).toEqual(fine(['1:2 Member alice']));
  });

  test('may hold lists of objects', () => {
    const item = member('alice').trimEnd().replaceAll('\n', '\n    ');
    expect(read(`apiVersion: v1\nkind: List\nitems:\n  - ${item}\n`)).toEqual(fine(['4:5 Member alice']));
    expect(read(`apiVersion: seneschal.dev/v1alpha1\nkind: MemberList\nitems:\n  - ${item}\n`)).toEqual(
      fine(['4:5 Member alice']),
    );
  });

  test('may hold objects of others, which are skipped', () => {
    expect(read('apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: b}\n')).toEqual(fine([]));
  });

  test('has whole characters alone: half of a surrogate pair is a problem where it stands', () => {
    const { objects, problems } = read(
      member('alice').replace('alice@acme.example', '"a\\ud83d@acme.example"'),
    );
    expect(objects).toEqual([]);
    expect(problems).toEqual([
      'a.yaml:9:10: has half of a surrogate pair, which is no character; expected the whole character',
    ]);
  });

  test('may leave the namespace to the caller', () => {
    const text = member('alice').replace('  namespace: acme\n', '');
    expect(read(text, { defaultNamespace: 'acme' }).objects).toEqual(['1:1 Member alice']);
    expect(read(text).problems).toEqual(['a.yaml:4:3: metadata.namespace: is missing; expected a text']);
  });

  test('may use a few aliases', () => {
    const text = member('alice', '  grants:\n    - &g {project: a, access: Read}\n').replace(
      'organizationRef:\n    name: acme',
      'organizationRef: &o {name: acme}',
    );
    expect(read(text).problems).toEqual([]);
  });
});

describe('a mistake is named with line, column and what was expected', () => {
  test.each([
    [
      'an unknown field, at its name',
      member('a', '  emial: x\n'),
      ['a.yaml:10:3: spec.emial: there is no such field; expected email'],
    ],
    [
      'a value that is not a choice, at the value',
      member('a', '  role: owner\n'),
      ['a.yaml:10:9: spec.role: is not one of the choices; expected Admin, Member'],
    ],
    [
      'a type that is wrong',
      member('a', '  grants:\n    project: a\n'),
      ['a.yaml:11:5: spec.grants: is an object; expected a list'],
    ],
    [
      'a field that is missing, at what it is missing in',
      member('a', '  grants:\n    - project: a\n'),
      ['a.yaml:11:7: spec.grants[0].access: is missing; expected Read, Write'],
    ],
    [
      'a number where a text belongs',
      member('a').replace('a@acme.example', '12'),
      ['a.yaml:9:10: spec.email: is a number; expected a text'],
    ],
    [
      'a version that is not there',
      member('a').replace('v1alpha1', 'v1'),
      ['a.yaml:1:13: apiVersion: is not a version that this program knows; expected seneschal.dev/v1alpha1'],
    ],
    [
      'a key that is there twice',
      'x: {a: 1, a: 2}\n',
      ['a.yaml:1:11: the key a is given twice; expected once'],
    ],
    [
      'two objects with nothing between',
      'kind: A\nkind: B\n',
      ['a.yaml:2:1: the key kind is given twice; expected once, or --- between two objects'],
    ],
    [
      'a mistyped apiVersion',
      member('a').replace('apiVersion', 'apiVersoin'),
      ['a.yaml:1:1: is no Kubernetes object; expected apiVersion and kind'],
    ],
    ['a text alone', 'hello\n', ['a.yaml:1:1: is no Kubernetes object; expected apiVersion and kind']],
    [
      'an object within a list',
      'apiVersion: v1\nkind: List\nitems:\n  - {a: 1}\n',
      ['a.yaml:4:5: items[0]: is no Kubernetes object; expected apiVersion and kind'],
    ],
    ['the key __proto__', 'a: {"__proto__": {b: 1}}\n', ['a.yaml:1:5: the key __proto__ is refused']],
    ['a key that is no text', '{a: 1}: b\n', ['a.yaml:1:1: has a key that is no text; expected a text']],
    ['a tag', 'a: !secret x\n', ['a.yaml:1:4: Unresolved tag: !secret']],
  ])('%s', (_, text, problems) => {
    expect(read(text)).toEqual({ objects: [], problems, warnings: [] });
  });

  test('where the text is not YAML', () => {
    expect(read('a: [1\nb: }\n').problems[0]).toMatch(/^a\.yaml:\d+:\d+: ./);
  });

  test('and one bad document does not hide another', () => {
    const { objects, problems } = read(`${member('alice')}---\nkind: Nothing\n---\n${member('bob')}`);
    expect(objects).toHaveLength(2);
    expect(problems).toHaveLength(1);
  });
});

test('a bomb of aliases is refused', () => {
  const levels = Array.from(
    { length: 9 },
    (_, n) => `l${n + 1}: &l${n + 1} [${Array(9).fill(`*l${n}`).join(', ')}]`,
  );
  expect(read(`l0: &l0 [x, x]\n${levels.join('\n')}\n`).problems).toEqual([
    'a.yaml:1:1: expands to too much; expected at most 100 aliases',
  ]);
});

test.each([
  ['open', '['.repeat(100_000)],
  ['closed', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
  ['of objects', `${'{a: '.repeat(50_000)}1${'}'.repeat(50_000)}`],
])('nesting without end is refused: %s', (_, text) => {
  const { objects, problems } = read(text);
  expect(objects).toEqual([]);
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.length).toBeLessThanOrEqual(10);
});

describe('a scalar without quotes is what it is to kubectl (YAML 1.1)', () => {
  test.each([
    ['no', 'is true or false (quote it, if it is a text): no is false'],
    ['Yes', 'is true or false (quote it, if it is a text): Yes is true'],
    ['012', 'is a number: 012 is the number 10'],
    ['1_000', 'is a number: 1_000 is the number 1000'],
  ])('%s in place of a text is a problem that says so', (text, said) => {
    const { objects, problems } = read(member('alice').replace('name: acme\n', `name: ${text}\n`));
    expect(objects).toEqual([]);
    expect(problems).toEqual([
      `a.yaml:8:11: spec.organizationRef.name: ${said} to kubectl (YAML 1.1), quote it if it is a text; expected a text`,
    ]);
  });

  test.each(['"no"', "'012'", 'nope', '1.2.3', '2026-11-30'])('%s is the text that it looks like', (text) => {
    const { problems } = read(member('alice').replace('name: acme\n', `name: ${text}\n`));
    expect(problems).toEqual([]);
  });
});

describe('anchors', () => {
  test('are merged into a mapping by <<', () => {
    const text = `apiVersion: v1\nkind: List\nitems:\n  - ${member('alice', '  role: &r Admin\n').trimEnd().replaceAll('\n', '\n    ')}\n`;
    const shared = text.replace('metadata:', 'metadata: &m').replace('name: acme', '<<: {name: acme}');
    expect(read(shared)).toEqual(fine(['4:5 Member alice']));
  });

  test('of another document of the file are named as that', () => {
    const first = member('alice').replace('name: acme', 'name: &organization acme');
    const second = member('bob').replace('name: acme', 'name: *organization');
    expect(read(`${first}---\n${second}`).problems).toEqual([
      'a.yaml:18:11: the anchor organization stands in another document of the file, where no alias reaches; expected an anchor of the same document',
    ]);
  });

  test('that are nowhere are named', () => {
    expect(read(member('bob').replace('name: acme', 'name: *nowhere')).problems).toEqual([
      'a.yaml:8:11: there is no anchor nowhere before it; expected an anchor of the same document',
    ]);
  });
});

test('a group that is a letter or two from ours is an error: skipped, its objects would be declared no longer', () => {
  expect(read(member('alice').replace('seneschal.dev', 'senechal.dev'))).toEqual({
    objects: [],
    problems: ['a.yaml:1:13: apiVersion: is not our group; expected seneschal.dev/v1alpha1'],
    warnings: [],
  });
});

test('a kind of ours under the group of others is warned of, and skipped', () => {
  expect(read(member('alice').replace('seneschal.dev', 'example.com'))).toEqual({
    objects: [],
    problems: [],
    warnings: ['1:1 skipped: Member of example.com/v1alpha1 is not ours (seneschal.dev)'],
  });
});

test('whatever the text, reading it does not throw, and problems have a place', () => {
  const fragments = fc.constantFrom(
    ...[
      member('alice'),
      '---\n',
      '...\n',
      'a: &x [*x]\n',
      '- ',
      '? ',
      ': ',
      '{',
      '}',
      '[',
      ']',
      '!!binary x\n',
      '<<: *x\n',
      '\t',
      '"',
      '|\n',
      '\u0000',
      '%YAML 1.1\n',
      '😀',
      '\uFEFF',
    ],
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(fragments, fc.string({ unit: 'binary' })), { maxLength: 12 }), (parts) => {
      const { problems } = parseManifest('a.yaml', parts.join(''));
      for (const { line, column } of problems) {
        expect(line).toBeGreaterThan(0);
        expect(column).toBeGreaterThan(0);
      }
    }),
    { numRuns: 1_000 },
  );
});
