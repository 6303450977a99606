import { SECRETS } from '#kube/kube.ts';
import { eventually } from '#test/e2e/world/cluster.ts';
import { declareBinding, readyTeam, statuses } from '#test/e2e/world/team.ts';
import { attack } from '../attack.ts';
import { done, refused } from '../outcome.ts';

const LABELS = { 'seneschal.dev/role': 'identity', 'seneschal.dev/binding-uid': 'a-uid-that-was-copied' };
const ANNOTATIONS = {
  'seneschal.dev/binding': 'api',
  'seneschal.dev/machine-name': 'api',
  'seneschal.dev/public-key': Buffer.alloc(32, 7).toString('base64'),
  'seneschal.dev/seal': `0123456789abcdef:${'0'.repeat(64)}`,
};

attack({
  name: "plants a key of their own in the Secret that a machine's key will be in, with copied labels",
  actor: 'Tenant who may patch Organizations',
  rule: 'rail 11',
  refused: ['SecretConflict'],
  permittedBy: 'a name that nobody took before',
  world: () => readyTeam([]),
  attack: () => 'api-key',
  control: () => 'another-name',
  async calls({ cluster, operator }, name) {
    const { admin, namespace } = cluster;
    const data = { 'private.pem': Buffer.from('planted').toString('base64') };
    const metadata = { name, namespace, labels: LABELS, annotations: ANNOTATIONS };
    const planted = await admin.create(SECRETS, { metadata, data });
    await declareBinding(cluster, 'api');
    const said = await eventually(
      'the binding to be Ready or Stalled',
      async () => {
        const row = (await statuses(cluster)).find(({ object }) => object === 'MachineBinding/api');
        return row?.conditions.find(
          ({ type, status }) => status === 'True' && (type === 'Ready' || type === 'Stalled'),
        );
      },
      { explain: async () => [await statuses(cluster), operator.log] },
    );
    const left = await admin.find(SECRETS, { namespace, name });
    const isTouched = left?.metadata.resourceVersion !== planted.metadata.resourceVersion;
    const call = 'MachineBinding/api';
    if (said.type === 'Ready' || isTouched) return [done(call, said.reason)];
    return [refused(call, said.reason)];
  },
});
