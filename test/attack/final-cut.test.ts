import { onTestFinished } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import type { StepAction } from '#model/step.ts';
import { setValues } from '#test/builders/machine.ts';
import { access, record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner, type Person } from '../integration/vault/world/people.ts';
import { attack } from './attack.ts';
import { type Outcome, ofStep } from './outcome.ts';

const SUSPENDED = 'suspended@acme.example';
const REMOVED = 'removed@acme.example';
const NARROWED = 'narrowed@acme.example';
const grants = [{ project: 'Main', access: 'Read' as const }];
const template = (cells: string[]) => ({
  ...{ description: '', capabilities: { Alerts: cells }, projectScope: 'All' as const },
});
const group = (members: string[]) => ({ description: '', members, grants: [] });

/** What gives back each cut, by what it is about. */
const BACK: readonly StepAction[] = [
  { kind: 'UnsuspendMember', key: SUSPENDED, before: { state: 'Suspended' }, after: { state: 'Active' } },
  { kind: 'InviteMember', key: REMOVED, before: null, after: access() },
  { kind: 'SetMemberAccess', key: NARROWED, before: access(), after: access({ grants }) },
  {
    kind: 'UpdateTemplate',
    key: 'watchers',
    before: template(['View']),
    after: template(['View', 'Manage']),
  },
  { kind: 'UpdateGroup', key: 'ops', before: group([]), after: group([NARROWED]) },
  { kind: 'EnableMachine', key: 'api', before: { enabled: false }, after: { enabled: true } },
];

interface Cast {
  readonly vault: TestVault;
  readonly boss: Person;
  /** Entries of the cuts, by what they are about. */
  readonly entries: ReadonlyMap<string, string>;
  /** Of the secret that was deleted. */
  readonly deletedId: string;
}

attack({
  name: 'gives back what a person cut and made final, by naming the entry and with an approval of each step',
  actor: 'Thief of an automation credential',
  rule: 'rail 7',
  refused: ['Tombstoned'],
  permittedBy: 'that the owner lifted each of them in the vault',
  async world(): Promise<Cast> {
    const vault = await startTestVault();
    onTestFinished(() => vault[Symbol.asyncDispose]());
    const boss = await owner(vault);
    for (const email of [SUSPENDED, REMOVED]) await member(vault, email);
    await member(vault, NARROWED, { grants });
    await vault.steps([
      {
        action: {
          kind: 'CreateTemplate',
          key: 'watchers',
          before: null,
          after: template(['View', 'Manage']),
        },
        record: record('PermissionTemplate', 'watchers'),
      },
      {
        action: { kind: 'CreateGroup', key: 'ops', before: null, after: group([NARROWED]) },
        record: record('Group', 'ops'),
      },
      {
        action: { kind: 'RegisterMachine', key: 'api', before: null, after: {} },
        publicKey: newKeyPair().publicKey.text,
        record: record('MachineBinding', 'api', { access: [] }),
      },
    ]);
    await setValues(vault, { 'web/token': 'planted' });
    const cut = async (method: string, path: string) => {
      const { status } = await boss.ask(method, `/vaults/${vault.vaultId}${path}`);
      if (status !== 204) throw new Error(`${method} ${path}: ${status}`);
    };
    await cut('POST', `/members/${SUSPENDED}/suspend`);
    await cut('DELETE', `/members/${REMOVED}`);
    await cut('DELETE', `/members/${NARROWED}/grants/Main`);
    await cut('DELETE', `/templates/watchers/cells/${encodeURIComponent('Alerts: Manage')}`);
    await cut('DELETE', `/groups/ops/members/${NARROWED}`);
    await cut('POST', '/machines/api/disable');
    await cut('DELETE', '/projects/web/secrets/token?confirm=token');
    const { tombstones } = await vault.snapshot();
    for (const { entry } of tombstones) await cut('PUT', `/cuts/${entry}/final`);
    const deleted = tombstones.find(({ act }) => act === 'SecretDeleted');
    const entries = new Map(tombstones.map(({ key, entry }) => [key, entry]));
    entries.set('web/token', deleted?.entry ?? '');
    return { vault, boss, entries, deletedId: deleted?.trashed ?? '' };
  },
  attack: () => false,
  control: () => true,
  async calls({ vault, boss, entries, deletedId }, isLifted) {
    const outcomes: Outcome[] = [];
    const secret: StepAction = {
      ...{ kind: 'RestoreSecret', key: 'web/token', before: null },
      after: { id: deletedId, newValue: null },
    };
    for (const action of [...BACK, secret]) {
      const reinstate = entries.get(action.key) ?? 'aud_none';
      if (isLifted) await boss.ask('DELETE', `/vaults/${vault.vaultId}/cuts/${reinstate}/final`);
      const approval = await vault.approved([action]);
      const [answer] = await vault.stepsUnapproved([{ action, reinstate, approval }]);
      outcomes.push(
        ofStep(`${action.kind} ${action.key}`, answer?.status === 'Refused' ? answer.code : 'Done'),
      );
    }
    return outcomes;
  },
});
