/** The two places of a binding's key as one pass sees them: by the cache, and by what it read past it. */
import type { KeyPair } from '#identity/key-pair.ts';
import { type MetadataOnly, SECRETS, type Secret } from '#kube/kube.ts';
import type { BindingInput } from '../input.ts';
import { annotationOf, roleOf } from '../marks.ts';
import type { SecretCache } from '../secret-cache.ts';
import type { BindingClient } from '../secret-deletion.ts';
import { keyPairIn, stagingNameOf } from './key-secrets.ts';
import type { KeyPlace, Slot } from './next-key-step.ts';
import { slotOf } from './slots.ts';

/** A key that this process staged. */
export interface StagedHere {
  /** As the API server answered. */
  readonly secret: Secret;
  readonly keys: KeyPair;
  /** Nothing of this address was mounted after it had been staged. */
  seenVacant: boolean;
}

export class KeyPlaces {
  readonly #kube: BindingClient;
  readonly #cache: SecretCache;
  readonly #input: BindingInput;
  /** By binding UID; outlives the pass. */
  readonly #stagedHere: Map<string, StagedHere>;
  /** What uncached reads of this pass said; `null`: 404. */
  readonly #read = new Map<KeyPlace, Secret | null>();
  #bothRead = false;

  constructor(
    { kube, cache }: { readonly kube: BindingClient; readonly cache: SecretCache },
    input: BindingInput,
    stagedHere: Map<string, StagedHere>,
  ) {
    this.#kube = kube;
    this.#cache = cache;
    this.#input = input;
    this.#stagedHere = stagedHere;
  }

  nameOf(place: KeyPlace): string {
    const { secretName } = this.#input.binding.spec.key;
    return place === 'staged' ? stagingNameOf(secretName) : secretName;
  }

  refOf(place: KeyPlace): { namespace: string; name: string } {
    return { namespace: this.#input.identity.namespace, name: this.nameOf(place) };
  }

  /** An uncached read of this pass counts more than the cache. */
  secretAt(place: KeyPlace): MetadataOnly | undefined {
    const read = this.#read.get(place);
    if (read !== undefined) return read ?? undefined;
    const cached = this.#cache.lookup(this.refOf(place));
    if (cached.found === 'present') return cached.object;
    return place === 'staged' ? this.#stagedHere.get(this.#input.identity.uid)?.secret : undefined;
  }

  slotAt(place: KeyPlace): Slot {
    const secret = this.secretAt(place);
    const slot = secret === undefined ? undefined : this.slotOf(place, secret);
    if (slot !== undefined && slot.holds !== 'moved') return slot;
    // Remembered: seen by this process after it had staged the key.
    const remembered = place === 'mounted' && this.#stagedHere.get(this.#input.identity.uid)?.seenVacant;
    const confirmed = this.#read.has(place) || remembered === true;
    return slot === undefined ? { holds: 'nothing', confirmed } : { ...slot, confirmed };
  }

  slotOf(place: KeyPlace, secret: MetadataOnly): Slot {
    const { identity, seals, machine, view } = this.#input;
    const accepted = machine?.fingerprints ?? [];
    return slotOf(secret, place, { binding: identity, seals, accepted, mayMove: view.mayMove });
  }

  publicKeyAt(place: KeyPlace): string {
    const secret = this.secretAt(place);
    return (secret && annotationOf(secret, 'publicKey')) ?? '';
  }

  /** Reads past the cache. */
  async confirm(place: KeyPlace): Promise<void> {
    const { signal, identity } = this.#input;
    const found = (await this.#kube.find(SECRETS, this.refOf(place), { signal })) ?? null;
    this.#read.set(place, found);
    // Whoever took it away may have mounted it, and another one since.
    if (place === 'staged' && found === null) this.#stagedHere.delete(identity.uid);
    const staged = this.#stagedHere.get(identity.uid);
    if (place === 'mounted' && staged !== undefined) {
      const holds = found === null ? 'nothing' : this.slotOf('mounted', found).holds;
      staged.seenVacant = holds === 'nothing' || holds === 'moved';
    }
  }

  /** Null: 404. */
  async fresh(place: KeyPlace): Promise<Secret | null> {
    await this.confirm(place);
    return this.#read.get(place) ?? null;
  }

  /** Key Secrets under names that the binding has no more. */
  elsewhere(): MetadataOnly[] {
    const names = [this.nameOf('staged'), this.nameOf('mounted')];
    return this.#cache
      .ofBinding(this.#input.key)
      .filter(({ metadata: { name } }) => !names.includes(name))
      .filter((secret) => roleOf(secret) === 'identity' || roleOf(secret) === 'staging');
  }

  /** The pair in a place: in hand, or read. */
  async keysAt(place: KeyPlace): Promise<KeyPair | undefined> {
    const inHand = this.#stagedHere.get(this.#input.identity.uid);
    const { publicKey } = inHand?.keys ?? {};
    if (place === 'staged' && publicKey !== undefined && publicKey.text === this.publicKeyAt('staged')) {
      return inHand?.keys;
    }
    const secret = await this.fresh(place);
    return secret === null || !isOwnKey(this.slotOf(place, secret)) ? undefined : keyPairIn(secret);
  }

  /** Of a key Secret under another name, without those of these fingerprints. */
  async keysElsewhere(compromised: readonly string[]): Promise<KeyPair | undefined> {
    const candidates = this.elsewhere()
      .filter((secret) => this.#holdsOwnKey(secret))
      .sort((a) => (placeIn(a) === 'mounted' ? -1 : 1));
    for (const seen of candidates) {
      const { namespace, name } = seen.metadata;
      const secret = await this.#kube.find(SECRETS, { namespace, name }, { signal: this.#input.signal });
      if (secret === undefined || !this.#holdsOwnKey(secret)) continue;
      const keys = keyPairIn(secret);
      if (keys !== undefined && !compromised.includes(keys.publicKey.fingerprint)) return keys;
    }
    return undefined;
  }

  #holdsOwnKey(secret: MetadataOnly): boolean {
    return isOwnKey(this.slotOf(placeIn(secret), secret));
  }

  /** Whether a place was read past the cache, since the key that is staged was. */
  isRead(place: KeyPlace): boolean {
    return this.#read.has(place);
  }

  /** Whether a place was read, and there was nothing. */
  isGone(place: KeyPlace): boolean {
    return this.#read.get(place) === null;
  }

  /**
   * Reads what is staged past the cache, and then what is mounted: what is staged is taken away only once it is mounted, so
   * that a key in neither is in none. False where this pass did so already.
   */
  async readBoth(): Promise<boolean> {
    if (this.#bothRead) return false;
    await this.confirm('staged');
    await this.confirm('mounted');
    this.#bothRead = true;
    return true;
  }

  /** A write of this pass: the cache, which was told, shows it. */
  written(place: KeyPlace): void {
    this.#read.delete(place);
  }

  taken(place: KeyPlace): void {
    this.#read.set(place, null);
  }

  /** This pass has staged a key: what was read before proves nothing. */
  staged(secret: Secret, keys: KeyPair): void {
    this.#stagedHere.set(this.#input.identity.uid, { secret, keys, seenVacant: false });
    this.#read.clear();
    this.#bothRead = false;
  }

  /** The staging Secret as this process made it; it is forgotten. */
  takeStagedHere(): Secret | undefined {
    const { uid } = this.#input.identity;
    const made = this.#stagedHere.get(uid)?.secret;
    this.#stagedHere.delete(uid);
    return made;
  }
}

/** Whether the private half may be used here: never one of another address. */
function isOwnKey({ holds }: Slot): boolean {
  return holds === 'key' || holds === 'inherited';
}

/** Where a key Secret of another name would be. */
export function placeIn(secret: MetadataOnly): KeyPlace {
  return roleOf(secret) === 'identity' ? 'mounted' : 'staged';
}
