import { EVENTS, SECRETS, type Secret } from '#kube/kube.ts';
import { eventually } from '#test/e2e/world/cluster.ts';
import { startOperator } from '#test/e2e/world/operator.ts';
import { declareBinding, type ReadyTeam, readyTeam } from '#test/e2e/world/team.ts';
import { attack } from '../attack.ts';
import { done, refused } from '../outcome.ts';

const data = [{ project: 'payments', secret: 'db-password' }];
const TARGETS = [
  { secretName: 'api-env', data },
  { secretName: 'api-more', data },
];

/** A team whose binding `api` has its targets written. */
async function teamWithTargets(): Promise<ReadyTeam> {
  const team = await readyTeam([], 'api');
  await declareBinding(team.cluster, 'api', { targets: TARGETS });
  await eventually('both targets to be written', () => find(team, 'api-more'));
  return team;
}

const find = ({ cluster: { admin, namespace } }: ReadyTeam, name: string) =>
  admin.find(SECRETS, { namespace, name });

/** A Secret with labels and annotations of one of ours. */
async function plant(team: ReadyTeam, like: string, name: string, content?: Secret['data']): Promise<string> {
  const { admin, namespace } = team.cluster;
  const ours = await admin.get(SECRETS, { namespace, name: like });
  const { labels = {}, annotations = {} } = ours.metadata;
  const metadata = { name, namespace, labels, annotations };
  await admin.create(SECRETS, { metadata, data: content ?? ours.data ?? {} });
  return name;
}

const RENAMED = 'has a renamed copy deleted';
const MARKED = "has somebody's Secret deleted, by labels and annotations that were copied onto it";

attack({
  name: 'has the operator delete Secrets that they may not delete themselves, by the marks of a target that is declared no longer',
  actor: 'Tenant who may patch Organizations',
  rule: 'rail 11',
  refused: ['SecretConflict'],
  permittedBy: 'the name that the operator sealed',
  world: teamWithTargets,
  attack: async (team) => ({
    [RENAMED]: await plant(team, 'api-env', 'backup-api-env'),
    [MARKED]: await plant(team, 'api-more', 'payroll', { wages: Buffer.from('theirs').toString('base64') }),
  }),
  control: () => ({ [RENAMED]: 'api-env', [MARKED]: 'api-more' }),
  async calls(team, names: Readonly<Record<string, string>>) {
    const { cluster } = team;
    await team.operator.stop();
    await declareBinding(cluster, 'api', { targets: [] });
    const operator = await startOperator(cluster);
    const outcome = async (call: string, name: string) => {
      if ((await find(team, name)) === undefined) return done(call, 'deleted');
      const { items } = await cluster.admin.list(EVENTS, { namespace: cluster.namespace });
      const left = items.find(({ note }) => note?.startsWith(`Secret ${name} is not deleted`));
      return left === undefined ? undefined : refused(call, left.reason ?? '');
    };
    return Promise.all(
      Object.entries(names).map(([call, name]) =>
        eventually(`Secret ${name} to be deleted, or told of`, () => outcome(call, name), {
          explain: async () => operator.log,
        }),
      ),
    );
  },
});
