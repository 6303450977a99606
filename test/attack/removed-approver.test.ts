import { APPROVER, approve, approving, digestOf, makeAdmin, provenMember } from './approving.ts';
import { attack } from './attack.ts';

attack({
  name: 'has a raise run by the approval that they gave right before they were removed',
  actor: 'Removed member',
  rule: 'rail 2',
  refused: ['Forbidden'],
  permittedBy: 'the membership',
  async world() {
    const world = await approving();
    const { reference } = await approve(world, await provenMember(world, APPROVER), digestOf(world));
    return { ...world, reference };
  },
  async attack({ vault, boss }) {
    const { status } = await boss.ask('DELETE', `/vaults/${vault.vaultId}/members/${APPROVER}`);
    if (status !== 204) throw new Error(`removal: ${status}`);
  },
  control: () => undefined,
  calls: async (world) => [await makeAdmin(world, world.reference)],
});
