import { onTestFinished } from 'vitest';
import type { StepAction } from '#model/step.ts';
import { setValues } from '#test/builders/machine.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import { owner } from '../integration/vault/world/people.ts';
import { attack } from './attack.ts';
import { type Outcome, ofStep } from './outcome.ts';

const generator = { length: 16, charset: 'Hex' } as const;
const description = '';

interface Deleted {
  readonly vault: TestVault;
  /** Entry of the deletion, and id of the thing while the trash has it, by `project` and `project/secret`. */
  readonly things: ReadonlyMap<string, { readonly entry: string; readonly id: string }>;
}

/** By what is deleted: what gives it back, or makes a value under its name. */
function ways({ things }: Deleted): Readonly<Record<string, StepAction>> {
  const idOf = (key: string): string => things.get(key)?.id ?? '';
  const anew = (key: string): StepAction => ({
    ...{ kind: 'CreateSecret', key, before: null, after: { generator } },
  });
  const restored = (key: string, newValue: typeof generator | null): StepAction => ({
    ...{ kind: 'RestoreSecret', key, before: null, after: { id: idOf(key), newValue } },
  });
  return {
    'web/token': restored('web/token', null),
    'web/leaked': restored('web/leaked', generator),
    'web/purged': anew('web/purged'),
    // A person made the project again: what was in it is deleted all the same.
    'again/old': anew('again/old'),
    shop: {
      ...{ kind: 'RestoreProject', key: 'shop', before: null },
      after: { id: idOf('shop'), description, secrets: ['card'] },
    },
    lost: { kind: 'CreateProject', key: 'lost', before: null, after: { description } },
  };
}

attack({
  name: 'has back what a person deleted, or a value made under its name, with an approval of each step',
  actor: 'Thief of an automation credential',
  rule: 'rail 7',
  refused: ['Tombstoned'],
  permittedBy: 'the entry of each deletion beside the approval',
  async world(): Promise<Deleted> {
    const vault = await startTestVault();
    onTestFinished(() => vault[Symbol.asyncDispose]());
    const values = ['web/token', 'web/leaked', 'web/purged', 'again/old', 'shop/card', 'lost/key'];
    await setValues(vault, Object.fromEntries(values.map((key) => [key, 'planted'])));
    const boss = await owner(vault);
    const ask = async (method: string, path: string, body?: object): Promise<void> => {
      const { status } = await boss.ask(method, `/vaults/${vault.vaultId}${path}`, body);
      if (status >= 300) throw new Error(`${method} ${path}: ${status}`);
    };
    for (const name of ['token', 'leaked', 'purged'])
      await ask('DELETE', `/projects/web/secrets/${name}?confirm=${name}`);
    for (const name of ['again', 'shop', 'lost']) await ask('DELETE', `/projects/${name}?confirm=${name}`);
    const things = new Map(
      (await vault.snapshot()).tombstones.map(({ key, item, entry, trashed = '' }) => [
        item === null ? key : `${key}/${item}`,
        { entry, id: trashed },
      ]),
    );
    await ask('DELETE', `/trash/${things.get('web/purged')?.id}?confirm=purged`);
    await ask('DELETE', `/trash/${things.get('lost')?.id}?confirm=lost`);
    await ask('POST', '/projects', { name: 'again' });
    return { vault, things };
  },
  attack: () => false,
  control: () => true,
  async calls(world, isNamed) {
    const outcomes: Outcome[] = [];
    for (const [key, action] of Object.entries(ways(world))) {
      const approval = await world.vault.approved([action]);
      const reinstate = isNamed ? { reinstate: world.things.get(key)?.entry ?? '' } : {};
      const [answer] = await world.vault.stepsUnapproved([{ action, approval, ...reinstate }]);
      const said = answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none');
      outcomes.push(ofStep(`${action.kind} ${key}`, said));
    }
    return outcomes;
  },
});
