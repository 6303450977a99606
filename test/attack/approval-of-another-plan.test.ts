import { APPROVER, approve, approving, digestOf, makeAdmin, provenMember } from './approving.ts';
import { attack } from './attack.ts';

attack({
  name: 'makes an admin under an approval that an approver gave for another plan',
  actor: 'Thief of an automation credential',
  rule: 'rail 2',
  refused: ['Forbidden'],
  permittedBy: 'the approval of this plan',
  world: approving,
  attack: () => 'ab'.repeat(32),
  control: digestOf,
  async calls(world, digest) {
    const { reference } = await approve(world, await provenMember(world, APPROVER), digest);
    return [await makeAdmin(world, reference)];
  },
});
