import { APPROVER, approveAndMakeAdmin, approving, provenMember } from './approving.ts';
import { attack } from './attack.ts';

attack({
  name: 'approves a raise, as an admin with a second factor whom the rails do not name',
  actor: 'Admin',
  rule: 'rail 2',
  refused: ['403 Forbidden', 'Forbidden'],
  permittedBy: 'the address of one whom the rails name',
  world: approving,
  attack: (world) => provenMember(world, 'bob@acme.example', { role: 'Admin' }),
  control: (world) => provenMember(world, APPROVER, { role: 'Admin' }),
  calls: approveAndMakeAdmin,
});
