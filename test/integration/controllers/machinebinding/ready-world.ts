import type { Resource } from '#controllers/resources.ts';
import { until } from '#test/fakes/kube-until.ts';
import { createWorld, type World } from './world.ts';

/** A world whose operator runs and has made the binding `api` ready, with the value `first`. */
export async function readyWorld(): Promise<World> {
  return (await runningWorld()).world;
}

/** The same, with what ends the operator as a process ends: nothing stays in memory. */
export async function runningWorld(
  spec?: Partial<Resource<'MachineBinding'>['spec']>,
): Promise<{ readonly world: World; readonly end: () => Promise<void> }> {
  const world = await createWorld();
  world.vault.set('payments', 'db-password', 'first');
  world.publish();
  const stop = await world.startOperator();
  await world.createBinding('api', spec);
  await until('the binding is ready', () => world.isReady('api'));
  const end = async () => {
    await stop();
    world.restarted();
  };
  return { world, end };
}
