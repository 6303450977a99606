import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { resourceType } from '#controllers/resources.ts';
import { testFolder } from '#test/control-plane/test-cluster.ts';
import { program } from '#test/program/program.ts';
import { eventually } from './world/cluster.ts';
import { readyTeam, statuses, untilReady } from './world/team.ts';

it('leaves the lease to the command line of the same manager between passes, and takes it back (rail 10)', async () => {
  const { cluster, vault, operator } = await readyTeam(['alice', 'bob']);
  const { admin, namespace } = cluster;

  const folder = join(await testFolder(), 'folder');
  await mkdir(folder);
  for (const kind of ['Organization', 'PermissionTemplate', 'Project', 'Member'] as const)
    for (const { metadata, spec } of (await admin.list(resourceType(kind), { namespace })).items) {
      const object = {
        apiVersion: 'seneschal.dev/v1alpha1',
        kind,
        metadata: { name: metadata.name, namespace },
        spec: kind === 'Project' ? { ...spec, description: 'by the command line' } : spec,
      };
      await writeFile(join(folder, `${kind}-${metadata.name}.yaml`), JSON.stringify(object));
    }
  await promisify(execFile)(process.execPath, [
    program(),
    'apply',
    folder,
    '--credentials',
    vault.credentialsDir,
  ]);
  // The cluster declares it otherwise: once the lease is back, it is as the cluster says.
  await eventually(
    'the operator to act again',
    async () =>
      (await vault.observe()).projects.find(({ name }) => name === 'payments')?.description === ''
        ? true
        : undefined,
    { explain: async () => [operator.vault, operator.log] },
  );
  const conflicts = (await statuses(cluster)).flatMap(({ conditions }) =>
    conditions.filter(({ reason }) => reason === 'ManagementConflict' || reason === 'LeaseHeld'),
  );
  expect(conflicts).toEqual([]);
  await untilReady(cluster, operator);
});
