import { describe, expect, test } from 'vitest';
import { KINDS, type Kind } from '#api/v1alpha1/kinds.ts';
import { parseObject, pathText } from '#api/v1alpha1/validate.ts';
import { BAD_OBJECTS, BAD_SHAPES } from './bad-objects.ts';
import { FULL_SPECS } from './full-specs.ts';

const object = (kind: Kind, spec: unknown) => ({
  apiVersion: 'seneschal.dev/v1alpha1',
  kind,
  metadata: { name: 'it', namespace: 'acme' },
  spec,
});

const problems = (value: unknown) => {
  const parsed = parseObject(value);
  return parsed.ok
    ? []
    : parsed.problems.map(({ path, message, expected }) => ({ path: pathText(path), message, expected }));
};

describe('parseObject', () => {
  test.each(KINDS)('takes a %s with every field', (kind) => {
    const value = object(kind, FULL_SPECS[kind]);
    expect(parseObject(value)).toEqual({ ok: true, object: value });
  });

  test.each(BAD_OBJECTS)('refuses $name', ({ kind, spec, message, path }) => {
    const found = problems(object(kind, spec));
    expect(found.map((problem) => problem.path)).toContain(path);
    expect(found.map((problem) => problem.message).join('\n')).toContain(message);
  });

  test.each(BAD_SHAPES)('refuses $name', ({ kind, spec, path }) => {
    expect(problems(object(kind, spec)).map((problem) => problem.path)).toEqual([path]);
  });

  test('H2: refuses a target with a secret that the machine may not read', () => {
    const targets = [{ secretName: 'env', data: [{ project: 'payments', secret: 'other' }] }];
    expect(problems(object('MachineBinding', { ...FULL_SPECS.MachineBinding, targets }))).toEqual([
      {
        path: 'spec.targets',
        message: 'a target holds a secret that the machine may not read; list it in projects[].secrets too',
        expected: '',
      },
    ]);
  });

  test('names the versions and kinds there are', () => {
    expect(problems({ ...object('Member', {}), apiVersion: 'seneschal.dev/v1' })[0]).toEqual({
      path: 'apiVersion',
      message: 'is not a version that this program knows',
      expected: 'seneschal.dev/v1alpha1',
    });
    expect(problems({ ...object('Member', {}), kind: 'Person' })[0]?.expected).toBe(KINDS.join(', '));
    expect(problems('Member')).toHaveLength(1);
  });

  test('names every problem of an object at once', () => {
    const spec = { organizationRef: { name: 'acme' }, role: 3, grants: [{ project: 'a' }] };
    expect(problems(object('Member', spec)).sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'spec.email', message: 'is missing', expected: 'a text' },
      { path: 'spec.grants[0].access', message: 'is missing', expected: 'Read, Write' },
      { path: 'spec.role', message: 'is not one of the choices', expected: 'Admin, Member' },
    ]);
  });

  test('asks for spec.name where metadata.name is too long for the vault', () => {
    const { name: _, ...spec } = FULL_SPECS.Project;
    const value = { ...object('Project', spec), metadata: { name: 'a'.repeat(129), namespace: 'acme' } };
    expect(problems(value).map(({ path }) => path)).toEqual(['spec']);
  });
});
