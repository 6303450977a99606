import { APPROVER, approveAndMakeAdmin, approving, provenMember } from './approving.ts';
import { attack } from './attack.ts';

/** Milliseconds. */
const PROOF_LIFE = 5 * 60_000;

attack({
  name: 'approves by the session that an approver left open, proven longer than five minutes ago',
  actor: 'Outsider',
  rule: 'rail 2',
  refused: ['403 ProofNeeded', 'Forbidden'],
  permittedBy: 'a proof that is not older than five minutes',
  world: approving,
  async attack(world) {
    const person = await provenMember(world, APPROVER);
    world.clock.advance(PROOF_LIFE + 1);
    await world.vault.lease('acme/acme', 'installation-1');
    return person;
  },
  async control(world) {
    const person = await provenMember(world, APPROVER);
    world.clock.advance(PROOF_LIFE);
    await world.vault.lease('acme/acme', 'installation-1');
    return person;
  },
  calls: approveAndMakeAdmin,
});
