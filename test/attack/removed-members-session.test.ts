import { attack } from './attack.ts';
import { askRoutes, cellsOf, everyActor, routesInVault, withEveryCell } from './routes.ts';

const ofMembers = (await routesInVault()).filter((row) => row.people === 'member' || cellsOf(row).length > 0);

attack({
  name: 'asks every route of members by a session that was open when they were removed',
  actor: 'Removed member',
  rule: 'M2',
  refused: ['403 NotAMember'],
  permittedBy: 'the membership',
  world: everyActor,
  attack: (world) => world.actor('removed'),
  control: withEveryCell,
  calls: (world, actor) => askRoutes(world, ofMembers, actor),
});
