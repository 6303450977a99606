import { until } from '#test/fakes/kube-until.ts';
import { createWorld, type World } from './world.ts';

/** A world whose operator runs and has made the binding `api` ready, with the value `first`. */
export async function readyWorld(): Promise<World> {
  const world = await createWorld();
  world.vault.set('payments', 'db-password', 'first');
  world.publish();
  await world.startOperator();
  await world.createBinding('api');
  await until('the binding is ready', () => world.isReady('api'));
  return world;
}
