/**
 * The one place that deletes Secrets. A Secret goes only after an uncached read proved by its seals that this operator
 * wrote it there, whole, and in just the version that was read. What is not proven is reported and left.
 * Decides rail 11: that no Secret of others is deleted.
 */
import {
  type EventRecord,
  type EventRecorder,
  isConflict,
  isNotFound,
  type KubeClient,
  type MetadataOnly,
  SECRETS,
  type Secret,
} from '#kube/kube.ts';
import { annotationOf, type BindingIdentity, marksTakenOff, roleOf } from './marks.ts';
import { takenBack } from './merged-keys.ts';
import { type Claim, claimOn, FIELD_MANAGER, holdsWhatWasSealed, isSealed } from './ownership.ts';
import type { Seals } from './seals.ts';
import type { SecretCache } from './secret-cache.ts';

/**
 * What came of a deletion. `changed`: there is another version by now, which the watch tells of. `left`: not proven to
 * be ours; it was reported.
 */
export type Deletion = 'gone' | 'changed' | 'left';

/** Of so many reported Secrets it is remembered that they were. */
const REMEMBERED = 10_000;

/** Why a Secret is left. */
type NotDeleted = Exclude<Claim, 'own' | 'inherited'> | 'edited';

/** What a pass over bindings gets: it deletes Secrets by `PassDeletions` and in no other way. */
export type BindingClient = Omit<KubeClient, 'delete' | 'request'>;

export interface DeletionWorld {
  readonly kube: Pick<KubeClient, 'find' | 'delete' | 'patch'>;
  readonly cache: Pick<SecretCache, 'deleted'>;
  readonly seals: Seals;
  readonly recorder: EventRecorder;
}

export class SecretDeletions {
  readonly #world: DeletionWorld;
  /** Versions of Secrets that were reported, by UID, the oldest first: once is enough. */
  readonly #reported = new Map<string, string>();

  constructor(world: DeletionWorld) {
    this.#world = world;
  }

  /** The deletions of one pass; Events go to `regarding`. */
  ofPass(regarding: EventRecord['regarding'], signal: AbortSignal): PassDeletions {
    return new PassDeletions(this.#world, this.#reported, regarding, signal);
  }
}

export class PassDeletions {
  readonly #world: DeletionWorld;
  readonly #reported: Map<string, string>;
  readonly #regarding: EventRecord['regarding'];
  readonly #signal: AbortSignal;
  #untold: string[] = [];

  constructor(
    world: DeletionWorld,
    reported: Map<string, string>,
    regarding: EventRecord['regarding'],
    signal: AbortSignal,
  ) {
    this.#world = world;
    this.#reported = reported;
    this.#regarding = regarding;
    this.#signal = signal;
  }

  /**
   * Deletes a Secret that `binding` needs no more. `answered`: what the API server answered to the write of this
   * Secret, which is as good as a read, because a later version is not deleted. @throws KubeError
   */
  async delete(binding: BindingIdentity, secret: MetadataOnly, answered?: Secret): Promise<Deletion> {
    const { kube, cache, seals } = this.#world;
    const signal = this.#signal;
    if (this.#wasReported(secret)) return 'left';
    if (roleOf(secret) === 'merged') return 'left';
    // A copy is told from its metadata, and is not read.
    const role = roleOf(secret);
    const seen = role === undefined ? 'foreign' : claimOn(secret, role, binding, seals);
    if (role === undefined || seen === 'foreign') return this.#leave(secret, 'foreign');
    if (!isSealed(seen)) return this.#leave(secret, seen);
    const { namespace, name } = secret.metadata;
    const ref = { namespace, name };
    const read = answered ?? (await kube.find(SECRETS, ref, { signal }));
    if (read === undefined) {
      cache.deleted(ref, secret.metadata.uid);
      return 'gone';
    }
    const claim = claimOn(read, role, binding, seals);
    if (!isSealed(claim)) return this.#leave(read, claim);
    if (!holdsWhatWasSealed(read, role, binding, seals)) return this.#leave(read, 'edited');
    const { uid, resourceVersion } = read.metadata;
    try {
      await kube.delete(SECRETS, ref, { uid, resourceVersion, signal });
    } catch (error) {
      // Another version by now, or another Secret: the watch tells of it, and the next pass looks again.
      if (!isConflict(error)) throw error;
      return 'changed';
    }
    cache.deleted(ref, uid);
    this.#untold.push(name);
    return 'gone';
  }

  /**
   * Lets a Secret go that nothing of `binding` declares any more: a target with `deletionPolicy: Retain` stays, as
   * nobody's; of a Secret that was merged into, marks and keys of ours are taken. All else is deleted. @throws KubeError
   */
  async release(binding: BindingIdentity, secret: MetadataOnly): Promise<Deletion> {
    const retains = annotationOf(secret, 'deletionPolicy') === 'Retain';
    const role = roleOf(secret);
    if (role === 'merged') return this.#takeBack(binding, secret, !retains);
    if (role !== 'target' || !retains) return this.delete(binding, secret);
    if (!isSealed(claimOn(secret, role, binding, this.#world.seals))) return this.delete(binding, secret);
    const { uid, resourceVersion } = secret.metadata;
    const { labels } = marksTakenOff(secret);
    return this.#patch(secret, { metadata: { uid, resourceVersion, labels } });
  }

  async #takeBack(binding: BindingIdentity, secret: MetadataOnly, withKeys: boolean): Promise<Deletion> {
    const { seals } = this.#world;
    if (this.#wasReported(secret)) return 'left';
    const claim = claimOn(secret, 'merged', binding, seals);
    if (!isSealed(claim)) return this.#leave(secret, claim);
    return this.#patch(secret, takenBack(secret, binding, seals, withKeys));
  }

  async #patch(secret: MetadataOnly, patch: unknown): Promise<Deletion> {
    const { namespace, name, uid } = secret.metadata;
    const { kube, cache } = this.#world;
    try {
      await kube.patch(SECRETS, { namespace, name }, patch, {
        fieldManager: FIELD_MANAGER,
        signal: this.#signal,
      });
    } catch (error) {
      if (isConflict(error)) return 'changed';
      if (!isNotFound(error)) throw error;
    }
    cache.deleted({ namespace, name }, uid);
    return 'gone';
  }

  /** Names of what was deleted and not told yet; who takes them tells of them. */
  takeUntold(): string[] {
    const names = this.#untold;
    this.#untold = [];
    return names;
  }

  /** An Event of what nobody took to tell of it. Never rejects. */
  async tell(): Promise<void> {
    const names = this.takeUntold();
    if (names.length === 0) return;
    const note = `Secrets ${names.join(', ')} were deleted: they are needed no more`;
    await this.#record({ type: 'Normal', reason: 'Succeeded', note });
  }

  async #leave(secret: MetadataOnly, because: NotDeleted): Promise<'left'> {
    const { uid = '', resourceVersion = '', name } = secret.metadata;
    for (const oldest of this.#reported.keys()) {
      if (this.#reported.size < REMEMBERED) break;
      this.#reported.delete(oldest);
    }
    this.#reported.set(uid, resourceVersion);
    const note =
      `Secret ${name} is not deleted: ${WHY[because]}. ` +
      'Delete it if nobody needs it, or take its label seneschal.dev/binding-uid away';
    await this.#record({ type: 'Warning', reason: 'SecretConflict', note });
    return 'left';
  }

  #wasReported({ metadata: { uid = '', resourceVersion = '' } }: MetadataOnly): boolean {
    return this.#reported.get(uid) === resourceVersion;
  }

  #record(event: Pick<EventRecord, 'type' | 'reason' | 'note'>): Promise<void> {
    const regarding = this.#regarding;
    return this.#world.recorder.record({ regarding, action: 'DeleteSecret', ...event }, this.#signal);
  }
}

const WHY: Readonly<Record<NotDeleted, string>> = {
  foreign: 'it has our label, and no seal of this operator for this name and namespace (a copy, perhaps)',
  unproven: 'it was sealed with another installation key, so it cannot be told who made it',
  moved: 'it was made for another vault, or for another address of this one',
  edited: 'somebody changed what is in it',
};
