import { expect, it } from 'vitest';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import { machineKey } from '#test/builders/organization.ts';
import { desired, NOW, object, objects, outcome, patchOf, said, source, state } from './pass.ts';

it('writes of a binding Registered and Granted alone: Ready is the binding pass’s', () => {
  const binding = object(
    'MachineBinding',
    'checkout',
    {
      organizationRef: { name: 'acme' },
      machineName: 'checkout',
      projects: [{ name: 'payments', secrets: ['db'] }],
      key: { secretName: 'checkout-key' },
    },
    {
      conditions: [
        { type: 'Ready', status: 'True', reason: 'Succeeded', message: '', lastTransitionTime: 'x' },
      ],
      targets: [],
    },
  );
  const patches = statusesOf(
    objects({ bindings: [binding] }),
    desired({
      machines: [
        {
          source: source('MachineBinding', 'checkout'),
          machineName: 'checkout',
          fields: { access: [{ project: 'payments', secrets: ['db'] }] },
          deletionPolicy: 'Revoke',
          suspended: false,
          key: { fingerprint: 'f'.repeat(64), publicKey: 'x' },
          keyEnds: [],
          compromised: [],
        },
      ],
    }),
    outcome(
      state({
        machines: [
          {
            id: 'machine_1',
            name: 'checkout',
            approved: true,
            enabled: true,
            disabledAt: null,
            keys: [machineKey('f'.repeat(64))],
            access: [{ project: 'payments', secrets: ['db'] }],
          },
        ],
      }),
    ),
    NOW,
  );
  const { status } = patchOf(patches, 'MachineBinding');
  expect(said(status.conditions)).toEqual(['Granted=True/Succeeded', 'Registered=True/Succeeded']);
  expect(Object.keys(status).sort()).toEqual(['conditions', 'grantedSecrets', 'machineId']);
});
