/** The actions of one pass over the key of a binding, each safe to be killed after, and what it says of them. */
import { type KeyPair, newKeyPair, signText } from '#identity/key-pair.ts';
import {
  type Clock,
  isAlreadyExists,
  isConflict,
  type MetadataOnly,
  SECRETS,
  type Secret,
} from '#kube/kube.ts';
import { isSameAddress, type VaultAddress } from '#model/vault-address.ts';
import type { MachineKeys } from '../../machine-keys.ts';
import { type BindingInput, identityFacts, ownerOf } from '../input.ts';
import { annotationOf, asWritten, type BindingIdentity, marksOf } from '../marks.ts';
import { FIELD_MANAGER, isEdited } from '../ownership.ts';
import { type PartOutcome, stalled } from '../part-outcome.ts';
import type { SecretCache } from '../secret-cache.ts';
import type { BindingClient, PassDeletions } from '../secret-deletion.ts';
import { historyIn, type KeyHistory, stagedFor } from './key-history.ts';
import { KeyPlaces, placeIn, type StagedHere } from './key-places.ts';
import {
  type KeyRules,
  keyRules,
  type MountedKey,
  mountedSince,
  rotationAt,
  rotationDue,
} from './key-rotation.ts';
import { identityKeys, identitySeal, identitySecret, keyPairIn, stagingSecret } from './key-secrets.ts';
import { type KeyStanding, keyStanding } from './key-standing.ts';
import type { KeyUses } from './key-uses.ts';
import { isBlocked, type KeyPlace, type KeyState, type KeyStep, type Slot } from './next-key-step.ts';
import { type KeyTimes, type OtherKeys, otherKeys } from './other-keys.ts';
import { fingerprintIn, ROLE_OF_PLACE } from './slots.ts';

export interface KeyOutcome {
  readonly outcome: PartOutcome;
  /** Of the key that is mounted and accepted. */
  readonly fingerprint: string | null;
  /** The key was mounted in this pass. */
  readonly issued: boolean;
  /** The address that the key before it was for, where it was mounted in place of one of another address. */
  readonly movedFrom: VaultAddress | null;
  /** Fingerprint of the key in whose place it was mounted in this pass, where that was one of the same address. */
  readonly followed: string | null;
  /** What is to be told of the other keys of the machine; null: not looked at. */
  readonly standing: KeyStanding | null;
  /** When another step is due without a change, in milliseconds; null: never. */
  readonly wakeAt: number | null;
  /** The private half, where this pass had it in hand. */
  readonly keys: KeyPair | undefined;
}

/** What all passes share. */
export interface KeyWorld {
  readonly kube: BindingClient;
  readonly cache: SecretCache;
  readonly offered: MachineKeys;
  readonly uses: KeyUses;
  readonly times: KeyTimes;
  /** As which the vault knows this operator. */
  readonly installation: string;
  readonly clock: Pick<Clock, 'now'>;
}

export class OneKeyPass {
  readonly #world: KeyWorld;
  readonly #kube: BindingClient;
  readonly #cache: SecretCache;
  readonly #input: BindingInput;
  readonly #deletions: PassDeletions;
  readonly #places: KeyPlaces;
  readonly #verified: Map<string, string>;
  readonly #rules: KeyRules;
  readonly #now: number;
  #keys: KeyPair | undefined;
  #issued = false;
  #movedFrom: VaultAddress | null = null;
  #followed: string | null = null;
  #standing: KeyStanding | null = null;
  #wakeAt: number | null = null;

  constructor(
    world: KeyWorld,
    input: BindingInput,
    deletions: PassDeletions,
    stagedHere: Map<string, StagedHere>,
    verified: Map<string, string>,
  ) {
    this.#world = world;
    this.#kube = world.kube;
    this.#cache = world.cache;
    this.#input = input;
    this.#deletions = deletions;
    this.#places = new KeyPlaces(world, input, stagedHere);
    this.#verified = verified;
    this.#rules = keyRules(input.binding.spec.key);
    this.#now = world.clock.now();
  }

  state(): KeyState {
    const staged = this.#places.secretAt('staged');
    const mounted = this.#mountedKey();
    return {
      staged: this.#places.slotAt('staged'),
      follows: staged === undefined ? null : stagedFor(staged).follows,
      mounted: this.#places.slotAt('mounted'),
      mountedIsFresh: this.#places.isRead('mounted'),
      accepted: this.#input.machine?.fingerprints ?? [],
      due: mounted !== null && rotationDue(mounted, this.#rules, this.#now) !== null,
      compromised: this.#rules.compromised,
    };
  }

  /**
   * The keys of the machine that no Secret holds. Before one is to end, both places are read past the cache, the staged
   * one first: what is staged is taken away only once it is mounted. Undefined: they were read now, so decide anew.
   */
  async others(): Promise<OtherKeys | undefined> {
    const { machine, view, signal } = this.#input;
    const held = new Set(
      [this.#places.secretAt('staged'), this.#places.secretAt('mounted'), ...this.#places.elsewhere()].map(
        (secret) => (secret === undefined ? undefined : fingerprintIn(secret)) ?? '',
      ),
    );
    const around = {
      ...{ held, mounted: this.#mountedKey(), rules: this.#rules, times: this.#world.times, now: this.#now },
      installation: this.#world.installation,
    };
    const keys = machine?.keys ?? [];
    const asked = keys.filter(({ fingerprint }) => !held.has(fingerprint));
    if (asked.length === 0 || !view.acts) return { keys: [], wakeAt: null };
    const fingerprints = asked.map(({ fingerprint }) => fingerprint);
    const uses = await this.#world.uses.of(view.provider, fingerprints, signal);
    const accepted = keys.map((key) => ({ ...key, use: uses.get(key.fingerprint) ?? null }));
    const others = otherKeys({ ...around, accepted });
    const mayEnd = others.keys.some(({ end }) => end !== null);
    return mayEnd && (await this.#places.readBoth()) ? undefined : others;
  }

  /** Notes what is told of the keys, and when to look again. */
  stands(state: KeyState, step: KeyStep, others: OtherKeys): void {
    const { binding } = this.#input;
    const mounted = this.#mountedKey();
    const cause = mounted === null ? null : rotationDue(mounted, this.#rules, this.#now);
    const blocked = isBlocked(state, step) ? { cause } : null;
    this.#standing = keyStanding({
      machineName: binding.spec.machineName,
      others,
      blocked,
      rules: this.#rules,
    });
    const rotation = mounted === null || cause !== null ? null : rotationAt(mounted, this.#rules);
    const moments = [others.wakeAt, rotation].flatMap((at) => at ?? []);
    this.#wakeAt = moments.length === 0 ? null : Math.min(...moments);
  }

  /**
   * Rail 2: a signature by a key of this binding that the vault accepts, wherever the cluster holds it; undefined where
   * it holds none. Ed25519 signs the same text alike, so that a repeat tells nobody anything new.
   */
  async proofOf(fingerprint: string): Promise<string | undefined> {
    const { machine, identity, view, signal } = this.#input;
    if (machine === undefined) return undefined;
    const places = [
      this.#places.secretAt('mounted'),
      this.#places.secretAt('staged'),
      ...this.#places.elsewhere(),
    ];
    for (const secret of places) {
      if (secret === undefined) continue;
      const slot = this.#places.slotOf(placeIn(secret), secret);
      if (slot.holds !== 'key' && slot.holds !== 'moved') continue;
      // Another vault has nothing of this one to vouch for.
      if (asWritten(identity, secret).vault.vaultId !== identity.vault.vaultId) continue;
      if (slot.fingerprint === fingerprint || !machine.fingerprints.includes(slot.fingerprint)) continue;
      const { namespace, name } = secret.metadata;
      const present = await this.#kube.find(SECRETS, { namespace, name }, { signal });
      const keys = present === undefined ? undefined : keyPairIn(present);
      if (keys?.publicKey.fingerprint !== slot.fingerprint) continue;
      return signText(keys.privateKey, view.provider.rotationLine(machine.machineId, fingerprint));
    }
    return undefined;
  }

  confirm(place: KeyPlace): Promise<void> {
    return this.#places.confirm(place);
  }

  publicKeyAt(place: KeyPlace): string {
    return this.#places.publicKeyAt(place);
  }

  conflict(place: KeyPlace): KeyOutcome {
    return this.end(conflictAt(this.#places.nameOf(place), place));
  }

  end(outcome: PartOutcome): KeyOutcome {
    return { outcome, fingerprint: null, ...this.#done() };
  }

  /** Makes the key pair; a first one may be that under a name that the binding had before. */
  async stage(follows: string | null): Promise<void> {
    const { identity, seals, signal, binding } = this.#input;
    const keys =
      (follows === null ? await this.#places.keysElsewhere(this.#rules.compromised) : undefined) ??
      newKeyPair();
    const made = { epoch: this.#rules.epoch, follows };
    const secret = stagingSecret(binding.spec.key.secretName, identity, keys, seals, made);
    try {
      const created = await this.#kube.create(SECRETS, secret, { fieldManager: FIELD_MANAGER, signal });
      this.#cache.wrote({ metadata: created.metadata });
      this.#places.staged(created, keys);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      this.#places.written('mounted');
      await this.#places.confirm('staged');
    }
  }

  /** Writes the staged key into the mounted Secret: one write, and only over a Secret of ours. */
  async mount(): Promise<PartOutcome | undefined> {
    const { machine, identity, seals, signal, binding } = this.#input;
    if (machine === undefined) throw new Error('a key is mounted only for a registered machine');
    const keys = await this.#places.keysAt('staged');
    if (keys === undefined)
      return this.#places.isGone('staged') ? undefined : conflictAt(this.#places.nameOf('staged'), 'staged');
    const facts = identityFacts(this.#input, machine);
    const { secretName } = binding.spec.key;
    const over =
      this.#places.slotAt('mounted').holds === 'nothing' ? undefined : await this.#places.fresh('mounted');
    if (over === null || (over !== undefined && !isWrittenOver(this.#places.slotOf('mounted', over), keys)))
      return undefined;
    // Still staged after what it is written over was read: so nobody has mounted another key after it.
    if (over !== undefined) {
      await this.#places.confirm('staged');
      if (this.#places.publicKeyAt('staged') !== keys.publicKey.text) return undefined;
    }
    const history = this.#historyOver(over);
    const secret = identitySecret(secretName, identity, keys, facts, seals, { present: over, history });
    try {
      const { metadata } =
        over === undefined
          ? await this.#kube.create(SECRETS, secret, { fieldManager: FIELD_MANAGER, signal })
          : await this.#kube.replace(SECRETS, secret, { fieldManager: FIELD_MANAGER, signal });
      this.#cache.wrote({ metadata });
      this.#places.written('mounted');
      this.#keys = keys;
      this.#issued = true;
      this.#movedFrom = over === undefined ? null : addressBefore(identity, over);
      this.#followed = this.#movedFrom === null ? history.before : null;
    } catch (error) {
      if (!isAlreadyExists(error) && !isConflict(error)) throw error;
      await this.#places.confirm('mounted');
    }
    return undefined;
  }

  async unstage(): Promise<PartOutcome | undefined> {
    const staged = this.#places.secretAt('staged');
    const made = this.#places.takeStagedHere();
    if (staged !== undefined) {
      const isAsMade = made?.metadata.resourceVersion === staged.metadata.resourceVersion;
      const owner = ownerOf(this.#input, staged);
      const deletion = await this.#deletions.delete(owner, staged, isAsMade ? made : undefined);
      if (deletion === 'left') return conflictAt(this.#places.nameOf('staged'), 'staged');
      if (deletion === 'changed') {
        await this.#places.confirm('staged');
        return undefined;
      }
    }
    this.#places.taken('staged');
    return undefined;
  }

  /** Writes label and marks of a Secret that is ours anew, after its private half was seen to fit. */
  async inherit(place: KeyPlace): Promise<PartOutcome | undefined> {
    const { identity, seals, signal } = this.#input;
    const secret = await this.#places.fresh(place);
    if (secret === null || this.#places.slotOf(place, secret).holds !== 'inherited') return undefined;
    const keys = keyPairIn(secret);
    if (keys === undefined) return conflictAt(this.#places.nameOf(place), place);
    const { uid, resourceVersion } = secret.metadata;
    const use = { role: ROLE_OF_PLACE[place], publicKey: keys.publicKey.text };
    const patch = {
      metadata: {
        uid,
        resourceVersion,
        ...marksOf(identity, this.#places.nameOf(place), use, secret.data ?? {}, seals),
      },
    };
    const { metadata } = await this.#kube.patch(SECRETS, this.#places.refOf(place), patch, {
      fieldManager: FIELD_MANAGER,
      signal,
    });
    this.#cache.wrote({ metadata });
    this.#places.written(place);
    return undefined;
  }

  /** The mounted key is accepted: the rest of the bundle is brought up to date, leftovers of a rename go. */
  async settle(step: Extract<KeyStep, { do: 'offer' | 'done' }>): Promise<KeyOutcome> {
    const { machine, identity, seals, signal, binding, view } = this.#input;
    const mounted = this.#places.secretAt('mounted');
    if (machine === undefined || mounted === undefined) throw new Error('settled without a mounted key');
    const name = binding.spec.key.secretName;
    const done: KeyOutcome = {
      outcome: {
        is: 'done',
        message: `the key is in Secret ${name}${step.do === 'offer' ? '; another one follows it, and waits for its registration' : ''}`,
      },
      fingerprint: step.do === 'offer' ? (step.beside ?? null) : step.fingerprint,
      ...this.#done(),
    };
    if (!view.acts) return done;
    const facts = identityFacts(this.#input, machine);
    const fits =
      annotationOf(mounted, 'identitySeal') ===
        identitySeal(name, identity, this.#places.publicKeyAt('mounted'), facts, seals) &&
      (!isEdited(mounted, FIELD_MANAGER, identityKeys(facts)) ||
        this.#verified.get(identity.uid) === mounted.metadata.resourceVersion);
    if (!fits) {
      const present = await this.#places.fresh('mounted');
      // Gone, or another one, in the meantime: the watch tells.
      if (present === null || this.#places.slotOf('mounted', present).holds !== 'key') return done;
      const keys = keyPairIn(present);
      if (keys === undefined) return this.end(conflictAt(name, 'mounted'));
      const history = historyIn(present);
      const secret = identitySecret(name, identity, keys, facts, seals, { present, history });
      const { metadata } = await this.#kube.replace(SECRETS, secret, { fieldManager: FIELD_MANAGER, signal });
      this.#cache.wrote({ metadata });
      this.#verified.set(identity.uid, metadata.resourceVersion ?? '');
    }
    await this.#removeLeftovers();
    return done;
  }

  #done() {
    return {
      ...{ issued: this.#issued, movedFrom: this.#movedFrom, followed: this.#followed, keys: this.#keys },
      ...{ standing: this.#standing, wakeAt: this.#wakeAt },
    };
  }

  /** Null where no key of this address is mounted. */
  #mountedKey(): MountedKey | null {
    const secret = this.#places.secretAt('mounted');
    const slot = this.#places.slotAt('mounted');
    if (secret === undefined || slot.holds !== 'key') return null;
    const { fingerprint } = slot;
    const { since, ...history } = historyIn(secret);
    const addedAt = this.#input.machine?.keys.find((key) => key.fingerprint === fingerprint)?.addedAt;
    return { fingerprint, ...history, since: mountedSince(since, addedAt, this.#now) };
  }

  /** Of the staged key as it is written over that; a key of another vault is none that it follows. */
  #historyOver(over: Secret | undefined): KeyHistory {
    const { identity } = this.#input;
    const staged = this.#places.secretAt('staged');
    const isSameVault =
      over !== undefined && asWritten(identity, over).vault.vaultId === identity.vault.vaultId;
    return {
      since: this.#now,
      epoch: staged === undefined ? null : stagedFor(staged).epoch,
      before: isSameVault ? (fingerprintIn(over) ?? null) : null,
    };
  }

  /** Key Secrets under names that the binding has no more. */
  async #removeLeftovers(): Promise<void> {
    for (const secret of this.#places.elsewhere())
      await this.#deletions.delete(ownerOf(this.#input, secret), secret);
  }
}

function conflictAt(name: string, place: KeyPlace): PartOutcome {
  const use = place === 'staged' ? 'staged' : 'mounted';
  return stalled(
    'SecretConflict',
    `Secret ${name}, where the key is ${use}, was not made by this operator for this binding and its vault, or was changed; ` +
      'it is neither used nor overwritten. Create the binding anew with another spec.key.secretName; delete the Secret only where nobody needs what is in it. It is looked at again every minute',
    // A Secret without our label is not watched, so nothing tells of its deletion.
    60_000,
  );
}

/** Not what is foreign, and not what another pass has mounted meanwhile. */
function isWrittenOver(slot: Slot, { publicKey }: KeyPair): boolean {
  if (slot.holds === 'nothing' || slot.holds === 'foreign') return false;
  return slot.holds === 'moved' || slot.fingerprint !== publicKey.fingerprint;
}

function addressBefore(identity: BindingIdentity, over: MetadataOnly): VaultAddress | null {
  const { vault } = asWritten(identity, over);
  return isSameAddress(vault, identity.vault) ? null : vault;
}
