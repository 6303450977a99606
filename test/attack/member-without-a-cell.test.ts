import { attack } from './attack.ts';
import { askRoutes, cellsOf, everyActor, routesInVault, withEveryCell } from './routes.ts';

/** Routes that take a cell which no member has from the beginning (O4: the audit log of one's own acts). */
const takesCell = (await routesInVault()).filter((row) =>
  cellsOf(row).some((cell) => cell !== 'Audit log: View'),
);

attack({
  name: 'asks every route that takes a cell which they do not hold',
  actor: 'Member',
  rule: 'V3',
  refused: ['403 Forbidden'],
  permittedBy: 'a template with these cells',
  world: everyActor,
  attack: (world) => world.actor('member without a template'),
  control: withEveryCell,
  calls: (world, actor) => askRoutes(world, takesCell, actor),
});
