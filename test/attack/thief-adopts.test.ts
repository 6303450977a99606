import { newKeyPair } from '#identity/key-pair.ts';
import type { StepAction } from '#model/step.ts';
import type { StepRequest } from '#protocol/management.ts';
import { clientOf, newMachine, setValues } from '#test/builders/machine.ts';
import { record } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { type Outcome, ofAnswer, ofStep } from './outcome.ts';

const ACCESS = [{ project: 'payments', secrets: ['db'] }];
const NOTHING = { access: [] };

attack({
  name: 'takes over a machine that people made, by a key or by its record, or a project with its secrets',
  actor: 'Thief of an automation credential',
  rule: 'rail 2',
  refused: ['NeedsApproval', '401 the signature does not verify'],
  permittedBy: 'an approval of each that the owner gave in the vault',
  async world() {
    const { vault } = await ownedVault();
    const secrets = await setValues(vault, { 'payments/db': 'planted value', 'web/other': 'another' });
    const machine = await newMachine(vault, 'keyed', ACCESS);
    for (const name of ['claimed', 'granted']) await newMachine(vault, name, ACCESS);
    return { vault, machine, secret: secrets['payments/db'] ?? '' };
  },
  attack: () => false,
  control: () => true,
  async calls({ vault, machine, secret }, isApproved) {
    const outcomes: Outcome[] = [];
    const run = async (
      call: string,
      request: Partial<StepRequest> & { readonly action: StepAction },
    ): Promise<void> => {
      const approval = isApproved ? { approval: await vault.approved([request.action]) } : {};
      const [answer] = await vault.stepsUnapproved([{ ...request, ...approval }]);
      outcomes.push(ofStep(call, answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none')));
    };
    const keys = newKeyPair();
    const before = { fingerprints: [machine.keys.publicKey.fingerprint] };
    const after = { fingerprint: keys.publicKey.fingerprint };
    await run('adds a key', {
      action: { kind: 'AddMachineKey', key: 'keyed', before, after },
      publicKey: keys.publicKey.text,
    });
    const read = await clientOf(vault, { id: machine.id, name: 'keyed' }, keys).send(
      'GET',
      `/v1/secret/${secret}`,
    );
    outcomes.push(ofAnswer('reads by it', read));
    await run('claims a machine, as if it had nothing', {
      action: {
        ...{ kind: 'Claim', key: 'MachineBinding/claimed', before: null },
        after: { kind: 'MachineBinding', applied: NOTHING },
      },
      record: record('MachineBinding', 'claimed', NOTHING),
    });
    await run('sets the access of a machine', {
      action: {
        ...{ kind: 'SetMachineAccess', key: 'granted', before: { access: ACCESS } },
        after: { access: [...ACCESS, { project: 'web', secrets: [] }] },
      },
      record: record('MachineBinding', 'granted', NOTHING),
    });
    await run('claims a project', {
      action: {
        ...{ kind: 'Claim', key: 'Project/payments', before: null },
        after: { kind: 'Project', applied: {} },
      },
      record: record('Project', 'payments'),
    });
    return outcomes;
  },
});
