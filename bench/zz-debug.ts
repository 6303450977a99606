import { allReady, applyAll, binding, list, organization, project } from './objects.ts';
import { openWorld } from './world.ts';

const world = await openWorld();
try {
  const names = ['b-0', 'b-1'];
  let operator = await world.startOperator();
  await applyAll(world.admin, [organization(world), ...names.map((n) => project(world, `p-${n}`, 10))]);
  await applyAll(
    world.admin,
    names.map((n) => binding(world, n, `p-${n}`, 2)),
  );
  await allReady(world, 'MachineBinding', 2);
  await new Promise((r) => setTimeout(r, 3000));
  await operator.stop();
  const shot = async () => ({
    p: await list<any>(world, 'projects'),
    b: await list<any>(world, 'machinebindings'),
    o: await list<any>(world, 'organizations'),
  });
  const a = await shot();
  operator = await world.startOperator();
  await new Promise((r) => setTimeout(r, 4000));
  console.log(JSON.stringify(await operator.requests()));
  const b = await shot();
  for (const k of ['p', 'b', 'o'] as const)
    for (const [i, x] of a[k].entries()) {
      const y = b[k][i];
      console.log(k, x.metadata.resourceVersion, y.metadata.resourceVersion);
      if (x.metadata.resourceVersion !== y.metadata.resourceVersion)
        console.log(JSON.stringify(x.status), '\n->', JSON.stringify(y.status));
    }
  await operator.stop();
} finally {
  await world.close();
}
