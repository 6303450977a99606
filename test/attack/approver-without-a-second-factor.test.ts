import { member } from '#test/integration/vault/world/people.ts';
import { APPROVER, approveAndMakeAdmin, approving, provenMember } from './approving.ts';
import { attack } from './attack.ts';

attack({
  name: 'approves by the password of an approver who has nothing else, as who learned it would',
  actor: 'Outsider',
  rule: 'rail 2',
  refused: ['403 ApproverNeedsSecondFactor', 'Forbidden'],
  permittedBy: 'the second factor of the approver',
  world: approving,
  attack: ({ vault }) => member(vault, APPROVER),
  control: (world) => provenMember(world, APPROVER),
  calls: approveAndMakeAdmin,
});
