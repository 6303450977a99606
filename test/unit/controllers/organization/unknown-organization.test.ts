import { expect, test } from 'vitest';
import { organizationIndex } from '#controllers/organization/objects.ts';
import {
  OrganizationController,
  type OrganizationControllerOptions,
} from '#controllers/organization/organization-controller.ts';
import { Store } from '#kube/store.ts';
import type { ControllerSpec } from '#runtime/runtime.ts';
import { memberObject, NAMESPACE, NOW } from './pass.ts';

/** One pass over `acme/acme`, which is not in the cache, with a member that names it; what was written. */
async function pass(complete: boolean): Promise<{ writes: string[]; againAfterMs: number | undefined }> {
  const writes: string[] = [];
  const cache = (): object => ({
    store: new Store({ organization: organizationIndex as never }),
    isComplete: () => complete,
    onChange: () => {},
    onState: () => {},
  });
  const members = cache() as { store: Store<ReturnType<typeof memberObject>> };
  members.store.set(memberObject('alice'));
  let spec: ControllerSpec | undefined;
  const clock = { now: () => now };
  let now = NOW;
  const options = {
    manager: {
      addController: (added: ControllerSpec) => {
        spec = added;
        return { enqueue: () => {} };
      },
      onLeading: () => {},
    },
    client: {
      applyStatus: async (_: unknown, { name }: { name: string }) => {
        writes.push(name);
        return { metadata: { name } };
      },
    },
    caches: {
      organizations: cache(),
      members,
      groups: cache(),
      templates: cache(),
      projects: cache(),
      bindings: cache(),
      approvals: cache(),
    },
    keys: { onChange: () => {} },
    sealReader: { onChange: () => {} },
    openCounts: { forget: () => {} },
    vaultAnswered: () => {},
    registry: { withdraw: () => writes.push('withdrawn') },
    clock,
    log: { child: () => ({}) },
  } as unknown as OrganizationControllerOptions;
  new OrganizationController(options);
  const context = { signal: new AbortController().signal, failures: 0 };
  await spec?.reconcile(`${NAMESPACE}/acme`, context);
  // Longer than an Organization may be on its way.
  now += 10_000;
  const result = await spec?.reconcile(`${NAMESPACE}/acme`, context);
  return { writes, againAfterMs: result?.againAfterMs };
}

test('an Organization that may not be listed is not taken for deleted (403 is not absence)', async () => {
  expect(await pass(false)).toEqual({ writes: [], againAfterMs: 5_000 });
});

test('an Organization that is not there is left, and its objects say so', async () => {
  const { writes, againAfterMs } = await pass(true);
  expect(writes).toEqual(['withdrawn', 'withdrawn', 'alice']);
  expect(againAfterMs).toBeUndefined();
});
