/** Acts on the decisions about a binding's key, one after the other, until it waits or is done. */
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
import type { MachineKeys, OfferedKey } from '../../machine-keys.ts';
import { type BindingInput, identityFacts, ownerOf } from '../input.ts';
import { annotationOf, asWritten, type BindingIdentity, marksOf, roleOf } from '../marks.ts';
import { FIELD_MANAGER, isEdited } from '../ownership.ts';
import { type PartOutcome, stalled, waiting } from '../part-outcome.ts';
import type { SecretCache } from '../secret-cache.ts';
import type { BindingClient, PassDeletions } from '../secret-deletion.ts';
import { historyIn, type KeyHistory, stagedFor } from './key-history.ts';
import {
  identityKeys,
  identitySeal,
  identitySecret,
  keyPairIn,
  stagingNameOf,
  stagingSecret,
} from './key-secrets.ts';
import { type KeyStanding, keyStanding } from './key-standing.ts';
import type { KeyUses } from './key-uses.ts';
import {
  isBlocked,
  type KeyPlace,
  type KeyState,
  type KeyStep,
  nextKeyStep,
  type Slot,
} from './next-key-step.ts';
import { type KeyTimes, type OtherKeys, otherKeys } from './other-keys.ts';
import {
  type KeyRules,
  keyRules,
  type MountedKey,
  mountedSince,
  rotationAt,
  rotationDue,
} from './rotation.ts';
import { fingerprintIn, ROLE_OF_PLACE, slotOf } from './slots.ts';

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

/** A key that this process staged. */
interface StagedHere {
  /** As the API server answered. */
  readonly secret: Secret;
  readonly keys: KeyPair;
  /** Nothing of this address was mounted after it had been staged. */
  seenVacant: boolean;
}

/** More actions than this in one pass mean that something else writes against us. */
const MAX_ACTIONS = 12;

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

export class KeyPass {
  readonly #world: KeyWorld;
  /** Keys that this process staged and has not mounted yet, by binding UID: saves reading them back. */
  readonly #staged = new Map<string, StagedHere>();
  /** Versions of identity Secrets that were read and found right although somebody owns a field. */
  readonly #verified = new Map<string, string>();

  constructor(world: KeyWorld) {
    this.#world = world;
  }

  forget(bindingUid: string): void {
    this.#staged.delete(bindingUid);
    this.#verified.delete(bindingUid);
  }

  /** @throws KubeError; a 403 is for the caller to explain, and is never taken for absence. */
  async run(input: BindingInput, deletions: PassDeletions): Promise<KeyOutcome> {
    const pass = new OnePass(this.#world, input, deletions, this.#staged, this.#verified);
    for (let action = 0; action < MAX_ACTIONS; action += 1) {
      const state = pass.state();
      const step = nextKeyStep(state);
      switch (step.do) {
        case 'conflict':
          return pass.end(conflictAt(pass.nameOf(step.place), step.place));
        case 'confirm':
          await pass.confirm(step.place);
          break;
        case 'offer':
        case 'done': {
          const others = await pass.others();
          // Places were read past the cache, and may show something else.
          if (others === undefined) break;
          pass.stands(state, step, others);
          await this.#offer(input, pass, step, others);
          return step.do === 'done' || step.beside !== undefined
            ? pass.settle(step)
            : pass.end(
                waiting(
                  'WaitingForRegistration',
                  'the key is made; the vault registers it with the next pass',
                ),
              );
        }
        case 'stage':
          if (!input.view.acts)
            return pass.end(waiting('WaitingForOrganization', 'the organization is only observed'));
          await pass.stage(step.follows ?? null);
          break;
        case 'inherit':
        case 'mount':
        case 'unstage': {
          if (!input.view.acts)
            return pass.end(waiting('WaitingForOrganization', 'the organization is only observed'));
          const conflict =
            step.do === 'inherit'
              ? await pass.inherit(step.place)
              : step.do === 'mount'
                ? await pass.mount()
                : await pass.unstage();
          if (conflict !== undefined) return pass.end(conflict);
          break;
        }
      }
    }
    return pass.end(waiting('Progressing', 'the Secrets of the key keep changing; looked at again'));
  }

  async #offer(
    { identity: { namespace, name, vault } }: BindingInput,
    pass: OnePass,
    step: Extract<KeyStep, { do: 'offer' | 'done' }>,
    { keys }: OtherKeys,
  ): Promise<void> {
    const { fingerprint } = step;
    const ends = keys.flatMap(({ end }) => (end === null ? [] : [end]));
    const key: OfferedKey =
      step.do === 'done'
        ? { fingerprint, publicKey: pass.publicKeyAt('mounted'), vault, ends }
        : {
            ...{ fingerprint, publicKey: pass.publicKeyAt(step.place), vault, ends },
            proof: await pass.proofOf(fingerprint),
            ...(step.beside === undefined ? {} : { beside: step.beside }),
          };
    this.#world.offered.offer(namespace, name, key);
  }
}

function conflictAt(name: string, place: KeyPlace): PartOutcome {
  const use = place === 'staged' ? 'staged' : 'mounted';
  return stalled(
    'SecretConflict',
    `Secret ${name}, where the key is ${use}, was not made by this operator for this binding and its vault, or was changed; ` +
      'it is neither used nor overwritten. Delete it, or create the binding anew with another spec.key.secretName. It is looked at again every minute',
    // A Secret without our label is not watched, so nothing tells of its deletion.
    60_000,
  );
}

class OnePass {
  readonly #world: KeyWorld;
  readonly #kube: BindingClient;
  readonly #cache: SecretCache;
  readonly #input: BindingInput;
  readonly #deletions: PassDeletions;
  readonly #stagedHere: Map<string, StagedHere>;
  readonly #verified: Map<string, string>;
  readonly #rules: KeyRules;
  readonly #now: number;
  /** What uncached reads of this pass said; `null`: 404. */
  readonly #read = new Map<KeyPlace, Secret | null>();
  /** What is staged was read past the cache, and then what is mounted. */
  #bothRead = false;
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
    this.#stagedHere = stagedHere;
    this.#verified = verified;
    this.#rules = keyRules(input.binding.spec.key);
    this.#now = world.clock.now();
  }

  state(): KeyState {
    const staged = this.#secretAt('staged');
    const mounted = this.#mountedKey();
    return {
      staged: this.#slot('staged'),
      follows: staged === undefined ? null : stagedFor(staged).follows,
      mounted: this.#slot('mounted'),
      mountedIsFresh: this.#read.has('mounted'),
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
      [this.#secretAt('staged'), this.#secretAt('mounted'), ...this.#elsewhere()].map(
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
    if (this.#bothRead || others.keys.every(({ end }) => end === null)) return others;
    await this.confirm('staged');
    await this.confirm('mounted');
    this.#bothRead = true;
    return undefined;
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

  nameOf(place: KeyPlace): string {
    const { secretName } = this.#input.binding.spec.key;
    return place === 'staged' ? stagingNameOf(secretName) : secretName;
  }

  publicKeyAt(place: KeyPlace): string {
    const secret = this.#secretAt(place);
    return (secret && annotationOf(secret, 'publicKey')) ?? '';
  }

  /**
   * Rail 2: a signature by a key of this binding that the vault accepts, wherever the cluster holds it; undefined where
   * it holds none. Ed25519 signs the same text alike, so that a repeat tells nobody anything new.
   */
  async proofOf(fingerprint: string): Promise<string | undefined> {
    const { machine, identity, view, signal } = this.#input;
    if (machine === undefined) return undefined;
    const places = [this.#secretAt('mounted'), this.#secretAt('staged'), ...this.#elsewhere()];
    for (const secret of places) {
      if (secret === undefined) continue;
      const slot = this.#slotOf(placeIn(secret), secret);
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

  end(outcome: PartOutcome): KeyOutcome {
    return { outcome, fingerprint: null, ...this.#done() };
  }

  async confirm(place: KeyPlace): Promise<void> {
    const { signal, identity } = this.#input;
    const found = (await this.#kube.find(SECRETS, this.#ref(place), { signal })) ?? null;
    this.#read.set(place, found);
    // Whoever took it away may have mounted it, and another one since.
    if (place === 'staged' && found === null) this.#stagedHere.delete(identity.uid);
    const staged = this.#stagedHere.get(identity.uid);
    if (place === 'mounted' && staged !== undefined) {
      const holds = found === null ? 'nothing' : this.#slotOf('mounted', found).holds;
      staged.seenVacant = holds === 'nothing' || holds === 'moved';
    }
  }

  /** Makes the key pair; a first one may be that under a name that the binding had before. */
  async stage(follows: string | null): Promise<void> {
    const { identity, seals, signal, binding } = this.#input;
    const keys = (follows === null ? await this.#keysElsewhere() : undefined) ?? newKeyPair();
    const made = { epoch: this.#rules.epoch, follows };
    const secret = stagingSecret(binding.spec.key.secretName, identity, keys, seals, made);
    try {
      const created = await this.#kube.create(SECRETS, secret, { fieldManager: FIELD_MANAGER, signal });
      this.#cache.wrote({ metadata: created.metadata });
      this.#stagedHere.set(identity.uid, { secret: created, keys, seenVacant: false });
      // What was read before the key was staged proves nothing.
      this.#read.clear();
      this.#bothRead = false;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      this.#read.delete('mounted');
      await this.confirm('staged');
    }
  }

  /** Writes the staged key into the mounted Secret: one write, and only over a Secret of ours. */
  async mount(): Promise<PartOutcome | undefined> {
    const { machine, identity, seals, signal, binding } = this.#input;
    if (machine === undefined) throw new Error('a key is mounted only for a registered machine');
    const keys = await this.#keysAt('staged');
    if (keys === undefined)
      return this.#read.get('staged') === null ? undefined : conflictAt(this.nameOf('staged'), 'staged');
    const facts = identityFacts(this.#input, machine);
    const { secretName } = binding.spec.key;
    const over = this.#slot('mounted').holds === 'nothing' ? undefined : await this.#fresh('mounted');
    if (over === null || (over !== undefined && !isWrittenOver(this.#slotOf('mounted', over), keys)))
      return undefined;
    // Still staged after what it is written over was read: so nobody has mounted another key after it.
    if (over !== undefined) {
      await this.confirm('staged');
      if (this.publicKeyAt('staged') !== keys.publicKey.text) return undefined;
    }
    const history = this.#historyOver(over);
    const secret = identitySecret(secretName, identity, keys, facts, seals, { present: over, history });
    try {
      const { metadata } =
        over === undefined
          ? await this.#kube.create(SECRETS, secret, { fieldManager: FIELD_MANAGER, signal })
          : await this.#kube.replace(SECRETS, secret, { fieldManager: FIELD_MANAGER, signal });
      this.#cache.wrote({ metadata });
      this.#read.delete('mounted');
      this.#keys = keys;
      this.#issued = true;
      this.#movedFrom = over === undefined ? null : addressBefore(identity, over);
      this.#followed = this.#movedFrom === null ? history.before : null;
    } catch (error) {
      if (!isAlreadyExists(error) && !isConflict(error)) throw error;
      await this.confirm('mounted');
    }
    return undefined;
  }

  async unstage(): Promise<PartOutcome | undefined> {
    const { identity } = this.#input;
    const staged = this.#secretAt('staged');
    const made = this.#stagedHere.get(identity.uid)?.secret;
    this.#stagedHere.delete(identity.uid);
    if (staged !== undefined) {
      const isAsMade = made?.metadata.resourceVersion === staged.metadata.resourceVersion;
      const owner = ownerOf(this.#input, staged);
      const deletion = await this.#deletions.delete(owner, staged, isAsMade ? made : undefined);
      if (deletion === 'left') return conflictAt(this.nameOf('staged'), 'staged');
      if (deletion === 'changed') {
        await this.confirm('staged');
        return undefined;
      }
    }
    this.#read.set('staged', null);
    return undefined;
  }

  /** Writes label and marks of a Secret that is ours anew, after its private half was seen to fit. */
  async inherit(place: KeyPlace): Promise<PartOutcome | undefined> {
    const { identity, seals, signal } = this.#input;
    const secret = await this.#fresh(place);
    if (secret === null || this.#slotOf(place, secret).holds !== 'inherited') return undefined;
    const keys = keyPairIn(secret);
    if (keys === undefined) return conflictAt(this.nameOf(place), place);
    const { uid, resourceVersion } = secret.metadata;
    const use = { role: ROLE_OF_PLACE[place], publicKey: keys.publicKey.text };
    const patch = {
      metadata: {
        uid,
        resourceVersion,
        ...marksOf(identity, this.nameOf(place), use, secret.data ?? {}, seals),
      },
    };
    const { metadata } = await this.#kube.patch(SECRETS, this.#ref(place), patch, {
      fieldManager: FIELD_MANAGER,
      signal,
    });
    this.#cache.wrote({ metadata });
    this.#read.delete(place);
    return undefined;
  }

  /** The mounted key is accepted: the rest of the bundle is brought up to date, leftovers of a rename go. */
  async settle(step: Extract<KeyStep, { do: 'offer' | 'done' }>): Promise<KeyOutcome> {
    const { machine, identity, seals, signal, binding, view } = this.#input;
    const mounted = this.#secretAt('mounted');
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
        identitySeal(name, identity, this.publicKeyAt('mounted'), facts, seals) &&
      (!isEdited(mounted, FIELD_MANAGER, identityKeys(facts)) ||
        this.#verified.get(identity.uid) === mounted.metadata.resourceVersion);
    if (!fits) {
      const present = await this.#fresh('mounted');
      // Gone, or another one, in the meantime: the watch tells.
      if (present === null || this.#slotOf('mounted', present).holds !== 'key') return done;
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
    const secret = this.#secretAt('mounted');
    const slot = this.#slot('mounted');
    if (secret === undefined || slot.holds !== 'key') return null;
    const { fingerprint } = slot;
    const { since, ...history } = historyIn(secret);
    const addedAt = this.#input.machine?.keys.find((key) => key.fingerprint === fingerprint)?.addedAt;
    return { fingerprint, ...history, since: mountedSince(since, addedAt, this.#now) };
  }

  /** Of the staged key as it is written over that; a key of another vault is none that it follows. */
  #historyOver(over: Secret | undefined): KeyHistory {
    const { identity } = this.#input;
    const staged = this.#secretAt('staged');
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
    for (const secret of this.#elsewhere())
      await this.#deletions.delete(ownerOf(this.#input, secret), secret);
  }

  #elsewhere(): MetadataOnly[] {
    const names = [this.nameOf('staged'), this.nameOf('mounted')];
    return this.#cache
      .ofBinding(this.#input.key)
      .filter(({ metadata: { name } }) => !names.includes(name))
      .filter((secret) => roleOf(secret) === 'identity' || roleOf(secret) === 'staging');
  }

  #holdsOwnKey(secret: MetadataOnly): boolean {
    return isOwnKey(this.#slotOf(placeIn(secret), secret));
  }

  async #keysElsewhere(): Promise<KeyPair | undefined> {
    const candidates = this.#elsewhere()
      .filter((secret) => this.#holdsOwnKey(secret))
      .sort((a) => (placeIn(a) === 'mounted' ? -1 : 1));
    for (const seen of candidates) {
      const { namespace, name } = seen.metadata;
      const secret = await this.#kube.find(SECRETS, { namespace, name }, { signal: this.#input.signal });
      if (secret === undefined || !this.#holdsOwnKey(secret)) continue;
      const keys = keyPairIn(secret);
      if (keys !== undefined && !this.#rules.compromised.includes(keys.publicKey.fingerprint)) return keys;
    }
    return undefined;
  }

  async #keysAt(place: KeyPlace): Promise<KeyPair | undefined> {
    const inHand = this.#stagedHere.get(this.#input.identity.uid);
    const { publicKey } = inHand?.keys ?? {};
    if (place === 'staged' && publicKey !== undefined && publicKey.text === this.publicKeyAt('staged')) {
      return inHand?.keys;
    }
    const secret = await this.#fresh(place);
    return secret === null || !isOwnKey(this.#slotOf(place, secret)) ? undefined : keyPairIn(secret);
  }

  async #fresh(place: KeyPlace): Promise<Secret | null> {
    await this.confirm(place);
    return this.#read.get(place) ?? null;
  }

  /** An uncached read of this pass counts more than the cache. */
  #secretAt(place: KeyPlace): MetadataOnly | undefined {
    const read = this.#read.get(place);
    if (read !== undefined) return read ?? undefined;
    const cached = this.#cache.lookup(this.#ref(place));
    if (cached.found === 'present') return cached.object;
    return place === 'staged' ? this.#stagedHere.get(this.#input.identity.uid)?.secret : undefined;
  }

  #slot(place: KeyPlace): Slot {
    const secret = this.#secretAt(place);
    const slot = secret === undefined ? undefined : this.#slotOf(place, secret);
    if (slot !== undefined && slot.holds !== 'moved') return slot;
    // Remembered: seen by this process after it had staged the key.
    const remembered = place === 'mounted' && this.#stagedHere.get(this.#input.identity.uid)?.seenVacant;
    const confirmed = this.#read.has(place) || remembered === true;
    return slot === undefined ? { holds: 'nothing', confirmed } : { ...slot, confirmed };
  }

  #slotOf(place: KeyPlace, secret: MetadataOnly): Slot {
    const { identity, seals, machine, view } = this.#input;
    const accepted = machine?.fingerprints ?? [];
    return slotOf(secret, place, { binding: identity, seals, accepted, mayMove: view.mayMove });
  }

  #ref(place: KeyPlace): { namespace: string; name: string } {
    return { namespace: this.#input.identity.namespace, name: this.nameOf(place) };
  }
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

/** Whether the private half may be used here: never one of another address. */
function isOwnKey({ holds }: Slot): boolean {
  return holds === 'key' || holds === 'inherited';
}

/** Where a key Secret of another name would be. */
function placeIn(secret: MetadataOnly): KeyPlace {
  return roleOf(secret) === 'identity' ? 'mounted' : 'staged';
}
