import { describe, expect, it } from 'vitest';
import { CATEGORIES, CELLS, cellDefinition } from '#model/capabilities.ts';

describe('the capability matrix', () => {
  it('has twelve categories and thirty-one cells, each once', () => {
    expect(CATEGORIES).toHaveLength(12);
    expect(CELLS).toHaveLength(31);
    expect(new Set(CELLS.map(({ id }) => id)).size).toBe(31);
  });

  it('scopes the cells of projects, secrets and policies, but not Projects: Create (T3)', () => {
    expect(CELLS.filter(({ scope }) => scope === 'project').map(({ id }) => id)).toEqual([
      'Projects: View',
      'Projects: Manage',
      'Projects: Delete',
      'Secrets: View',
      'Secrets: Manage',
      'Policies: View',
      'Policies: Manage',
    ]);
  });

  it('keeps three cells for the owner alone (T4)', () => {
    expect(CELLS.filter(({ ownerOnly }) => ownerOnly).map(({ id }) => id)).toEqual([
      'Templates: Manage',
      'Organization: Assign templates',
      'Organization: Change member scope',
    ]);
  });

  it('knows no other cell', () => {
    expect(cellDefinition('Secrets: Read')).toBeUndefined();
    expect(cellDefinition('Secrets: View')?.category).toBe('Secrets');
  });
});
