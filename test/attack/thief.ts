/** A vault with people, templates and machines that a thief of the automation's credential could raise. */
import { newKeyPair } from '#identity/key-pair.ts';
import { planDigest } from '#model/digest.ts';
import type { StepAction } from '#model/step.ts';
import type { ApprovalClaim } from '#protocol/management.ts';
import { setValues } from '#test/builders/machine.ts';
import { acceptInvite, record, type TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import type { Act } from '#vault/act/context.ts';
import type { NewAutomation } from '#vault/automation/automations.ts';
import { prepareTemplates, RAISES } from './raising-steps.ts';

/** Values of `web` and `payments`; none of them is to reach a thief. */
const VALUES = { 'web/cookie': 'planted-value-1', 'payments/db': 'planted-value-2' } as const;

export interface Robbed {
  readonly vault: TestVault;
  readonly secretIds: Readonly<Record<string, string>>;
  /** Audit entries of what people cut, by subject. */
  readonly cuts: ReadonlyMap<string, string>;
}

/** How a thief might have a step pass for approved; each is tried with each of `RAISES`. */
export const CLAIMS: readonly {
  readonly name: string;
  of(vault: TestVault, action: StepAction): Promise<ApprovalClaim | undefined> | ApprovalClaim | undefined;
}[] = [
  { name: 'without a claim', of: () => undefined },
  {
    name: 'claiming a PlanApproval',
    of: ({ vaultId }, action) => ({
      ...INVENTED,
      via: 'PlanApproval',
      digest: planDigest(vaultId, [action]),
    }),
  },
  {
    name: 'claiming an approval of the vault that nobody gave',
    of: ({ vaultId }, action) => ({ ...INVENTED, via: 'Vault', digest: planDigest(vaultId, [action]) }),
  },
  {
    name: 'claiming an approval of the vault for another plan',
    of: async (vault, action) => {
      const given = await vault.approved([HARMLESS]);
      return { ...given, digest: planDigest(vault.vaultId, [action]) };
    },
  },
];

const INVENTED = { approver: 'alice', reference: 'apr_0000000000000000', reason: 'reviewed' };
const HARMLESS: StepAction = { kind: 'CreateProject', key: 'p', before: null, after: { description: '' } };

/** The vault, with the subjects of each raise for each claim. `automation`: what the owner bounded the stolen identity to. */
export async function robbedVault(automation: Partial<NewAutomation> = {}): Promise<Robbed> {
  const { vault } = await ownedVault({ automation });
  const secretIds = await setValues(vault, VALUES);
  const owner = (name: string, work: (act: Act) => Promise<void>): Promise<void> =>
    vault.context.act(vault.vaultId, vault.owner, async (act) => {
      await work(act);
      await act.audit({ action: 'vault.restored', subject: { kind: 'Member', key: name } });
    });
  await owner('templates', prepareTemplates);
  for (const { name, prepare, joins, afterwards } of RAISES) {
    for (const number of CLAIMS.keys()) {
      await owner(name, (act) => prepare(act, number));
      if (joins !== undefined) await acceptInvite(vault, joins(number));
      if (afterwards !== undefined) await owner(name, (act) => afterwards(act, number));
    }
  }
  const { tombstones } = await vault.snapshot();
  const cuts = new Map(tombstones.map(({ key, entry }) => [key, entry]));
  for (const { act, key, item, entry } of tombstones)
    if (act === 'SecretDeleted') cuts.set(`${key}/${item}`, entry);
  return { vault, secretIds, cuts };
}

/** A machine that the manager registered while nobody had stolen anything: its private half is in the cluster. */
export async function ownMachine(vault: TestVault, name: string) {
  const keys = newKeyPair();
  const access = [{ project: 'web', secrets: ['cookie'] }];
  const answers = await vault.steps([
    {
      action: { kind: 'RegisterMachine', key: name, before: null, after: {} },
      publicKey: keys.publicKey.text,
      record: record('MachineBinding', name, { access: [] }),
    },
    { action: { kind: 'SetMachineAccess', key: name, before: { access: [] }, after: { access } } },
  ]);
  const ids = answers.map((answer) => (answer.status === 'Done' ? answer.machineId : undefined));
  const [id] = ids;
  if (id === undefined || ids.includes(undefined)) throw new Error(`${name}: ${JSON.stringify(answers)}`);
  return { id, name, keys };
}
