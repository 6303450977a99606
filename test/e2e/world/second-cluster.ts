/** A cluster beside that of the run: an API server of its own, so that its `kube-system` has another UID. */
import { onTestFinished } from 'vitest';
import { NAMESPACES, SECRETS } from '#kube/kube.ts';
import { startControlPlane } from '#test/control-plane/start.ts';
import { type TestCluster, testCluster } from './cluster.ts';

/**
 * Stopped when the test ends. Where the tests run in an existing cluster there is no second one, and it is another namespace
 * of that.
 */
export async function secondCluster(): Promise<TestCluster> {
  const controlPlane = await startControlPlane((line) => console.log(line));
  onTestFinished(() => controlPlane.stop());
  return testCluster(controlPlane.adminKubeconfig);
}

/**
 * The operator's own Secret of one cluster in the other, as a backup that is restored elsewhere. Not within one cluster:
 * there it would be the same installation.
 */
export async function cloneInstallation(from: TestCluster, to: TestCluster): Promise<void> {
  if ((await uidOf(from)) === (await uidOf(to))) return;
  const name = 'seneschal-installation';
  const secret = await from.admin.get(SECRETS, { namespace: from.system, name });
  await to.admin.create(SECRETS, { ...secret, metadata: { namespace: to.system, name } });
}

async function uidOf({ admin }: TestCluster): Promise<string | undefined> {
  return (await admin.get(NAMESPACES, { name: 'kube-system' })).metadata.uid;
}
