import { attack } from './attack.ts';
import { done, type Outcome, ofAnswer, refused } from './outcome.ts';
import { askRoutes, everyActor, routesInVault } from './routes.ts';

const NOT_THERE = 'vault_0000000000000000';

attack({
  name: 'asks every route of a vault by its ids, being the owner of another one',
  actor: 'Outsider',
  rule: 'V3',
  refused: ['403 NotAMember, as of a vault that is not there'],
  permittedBy: 'the session of its owner',
  world: everyActor,
  attack: (world) => world.actor('owner of another vault'),
  control: (world) => world.actor('owner'),
  calls: async (world, actor) =>
    askRoutes(world, await routesInVault(), actor, async (call, answer, asked): Promise<Outcome> => {
      const outcome = ofAnswer(call, answer);
      if (answer.status !== 403) return outcome;
      const { method, target, body } = asked;
      const elsewhere = await actor.ask(method, target.replace(world.vaultId, NOT_THERE), body);
      // A refusal tells nothing of the vault: neither what is in it nor that it is there.
      return answer.text === elsewhere.text
        ? refused(call, `${outcome.text}, as of a vault that is not there`)
        : done(call, 'told apart from a vault that is not there');
    }),
});
