import { attack } from './attack.ts';
import { askRoutes, everyActor, routesInVault } from './routes.ts';

const ownersAlone = (await routesInVault()).filter(
  ({ people }) => typeof people === 'object' && 'role' in people && people.role === 'Owner',
);

attack({
  name: 'asks every route that is for the owner alone: appoints admins, delegates, transfers, deletes',
  actor: 'Admin',
  rule: 'O4',
  refused: ['403 Forbidden'],
  permittedBy: 'the session of the owner',
  world: everyActor,
  attack: (world) => world.actor('admin'),
  control: (world) => world.actor('owner'),
  calls: (world, actor) => askRoutes(world, ownersAlone, actor),
});
