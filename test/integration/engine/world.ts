/** A pass of the engine over a real vault, for organizations given as custom resources. */
import type { CustomResource, Spec } from '#api/v1alpha1/kinds.ts';
import { organizationFields } from '#engine/declared-fields.ts';
import { desiredOf } from '#engine/desired.ts';
import { VaultLease } from '#engine/manager-lease.ts';
import { runPass } from '#engine/pass.ts';
import type { PassInput, PassResult } from '#engine/pass-types.ts';
import { newKeyPair } from '#identity/key-pair.ts';
import { loosened } from '#model/loosened.ts';
import type { Fence } from '#protocol/management.ts';
import { connected } from '#test/builders/connected.ts';
import { CONTEXT, organizationResource } from '#test/builders/resources.ts';
import { MANAGER, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { appliedSettings } from '#vault/managed/applied-settings.ts';

export class World {
  readonly vault: TestVault;
  readonly requests: string[];
  readonly #base: Omit<PassInput, 'desired' | 'findings' | 'organization'>;
  readonly #keys = new Map<string, { fingerprint: string; publicKey: string }>();
  #known: PassResult | null = null;

  private constructor(vault: TestVault) {
    const { provider, requests } = connected(vault);
    this.vault = vault;
    this.requests = requests;
    this.#base = {
      provider,
      planApprovals: [],
      approvalsProvenSince: null,
      known: null,
      anchor: null,
      settling: {},
      settle: false,
      lease: new VaultLease(MANAGER, 'world', 'Operator'),
      only: null,
      now: () => vault.clock.now(),
      signal: new AbortController().signal,
    };
  }

  static async start(options: Parameters<typeof startTestVault>[0] = {}): Promise<World> {
    return new World(await startTestVault(options));
  }

  /** The lease that passes write under. */
  fence(): Promise<Fence> {
    const { lease, provider, now, signal } = this.#base;
    return lease.hold(provider, now(), signal);
  }

  /** What a pass starts from: with the key pairs that a cluster would have staged, or without. */
  input(
    objects: readonly CustomResource[],
    options: { readonly spec?: Partial<Spec<'Organization'>>; readonly keys?: boolean } = {},
  ): PassInput {
    const declared = objects.find(({ kind }) => kind === 'Organization');
    const organization =
      (declared as CustomResource<'Organization'> | undefined) ?? organizationResource(options.spec ?? {});
    const machineKeys = new Map(
      objects
        .filter(({ kind }) => kind === 'MachineBinding' && options.keys !== false)
        .map(({ metadata: { namespace, name } }) => `${namespace}/${name}`)
        .map((binding) => [binding, this.#keyOf(binding)] as const),
    );
    return { ...this.#base, organization, ...desiredOf(organization, objects, { ...CONTEXT, machineKeys }) };
  }

  /** One pass, going on from the last one's snapshot and anchor, as the operator does. */
  async pass(objects: readonly CustomResource[], more: Partial<PassInput> = {}): Promise<PassResult> {
    const last = this.#known;
    const input = this.input(objects);
    await this.approveRails(more.organization ?? input.organization);
    const result = await runPass({
      ...input,
      known: last?.observation.snapshot ?? null,
      anchor: last?.anchor ?? null,
      settling: last?.settling ?? {},
      ...more,
    });
    this.#known = result;
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#base.provider.close();
    await this.vault[Symbol.asyncDispose]();
  }

  /** The owner approves the rails of a first commit where they are looser than the defaults (rail 1). */
  async approveRails({ spec }: CustomResource<'Organization'>): Promise<void> {
    const { rails } = organizationFields(spec);
    const before = appliedSettings(
      await this.vault.context.reader
        .selectFrom('vaults')
        .select('settings')
        .where('id', '=', this.vault.vaultId)
        .executeTakeFirstOrThrow(),
    );
    if (before !== null || loosened(null, rails).length === 0) return;
    await this.vault.approved([{ kind: 'ApplySettings', key: this.vault.vaultId, before, after: rails }]);
  }

  #keyOf(binding: string): { fingerprint: string; publicKey: string } {
    let key = this.#keys.get(binding);
    if (key === undefined) {
      const { publicKey } = newKeyPair();
      key = { fingerprint: publicKey.fingerprint, publicKey: publicKey.text };
      this.#keys.set(binding, key);
    }
    return key;
  }
}
