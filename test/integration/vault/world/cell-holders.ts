/** Two members who differ in one cell of the matrix (T2). */
import type { Category } from '#model/capabilities.ts';
import type { TestVault } from '#test/builders/vault.ts';
import { member, type Person } from './people.ts';

/** One who may `View` of a category and no more, one who may `Manage` and no more. */
export async function cellHolders(
  vault: TestVault,
  category: Category,
): Promise<{ readonly viewer: Person; readonly manager: Person }> {
  const holder = async (cell: 'View' | 'Manage', email: string): Promise<Person> => {
    const after = { description: '', projectScope: 'All', capabilities: { [category]: [cell] } } as const;
    await vault.step({ kind: 'CreateTemplate', key: cell, before: null, after });
    return member(vault, email, { template: cell });
  };
  const viewer = await holder('View', 'view@acme.example');
  return { viewer, manager: await holder('Manage', 'manage@acme.example') };
}
