import { expect, test } from 'vitest';
import { dataKeys, isEdited } from '#controllers/machinebinding/ownership.ts';
import type { ManagedFieldsEntry, MetadataOnly } from '#kube/kube.ts';

const owns = (manager: string, fields: Record<string, unknown>): ManagedFieldsEntry => ({
  manager,
  fieldsV1: fields,
});
const data = (...keys: string[]) => ({
  'f:data': Object.fromEntries([['.', {}], ...keys.map((key) => [`f:${key}`, {}])]),
});
const secret = (...managedFields: ManagedFieldsEntry[]): MetadataOnly => ({
  metadata: { name: 's', managedFields },
});

test('a Secret whose content is all ours is not edited, also where POST and apply share it', () => {
  expect(isEdited(secret(owns('us', { ...data('a', 'b'), 'f:type': {} })), 'us', ['a', 'b'])).toBe(false);
  expect(isEdited(secret(owns('us', data('a')), owns('us', data('b'))), 'us', ['a', 'b'])).toBe(false);
});

test('labels and annotations of others are no edit', () => {
  const other = owns('kubectl', { 'f:metadata': { 'f:labels': { 'f:team': {} } } });
  expect(isEdited(secret(owns('us', data('a')), other), 'us', ['a'])).toBe(false);
});

test.each([
  ['somebody changed a value', [owns('us', data()), owns('kubectl-edit', data('a'))]],
  ['somebody added a key', [owns('us', data('a')), owns('kubectl-edit', data('b'))]],
  ['somebody removed a key', [owns('us', data())]],
  ['we hold a key too many', [owns('us', data('a', 'b'))]],
  ['somebody made it immutable', [owns('us', data('a')), owns('kubectl-edit', { 'f:immutable': {} })]],
  ['nobody owns anything', []],
])('%s: it is edited', (_, managedFields) => {
  expect(isEdited(secret(...managedFields), 'us', ['a'])).toBe(true);
});

test('all keys that anybody set are found', () => {
  expect([...dataKeys(secret(owns('us', data('a')), owns('other', data('b'))))].sort()).toEqual(['a', 'b']);
});
