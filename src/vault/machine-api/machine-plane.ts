/** The machine plane: one request in, one answer out, the checks in the order of sikkerkey-machine-plane. */
import { bodyHash, machinePayload, verifyPayload } from '#protocol/signing.ts';
import type { VaultContext } from '../act/context.ts';
import { type Tallies, talliesOf } from '../act/lockout.ts';
import { DomainError } from '../common/domain-error.ts';
import { DEFAULT_RATES, type Rate, RateLimit } from '../http/rates.ts';
import { UnstorableTextError } from '../store/storable.ts';
import { isTakenFrom, whyNotAnswered } from './admission.ts';
import type { MachineAnswer } from './answer.ts';
import { CommittedReads, isStored } from './committed-reads.ts';
import { type KnownMachine, MachineDirectory } from './directory.ts';
import { OpenCalls } from './open-calls.ts';
import { PollRates } from './poll-rates.ts';
import { PollSources } from './poll-sources.ts';
import { Nonces } from './recent-nonces.ts';
import { MachineRefusal } from './refusal.ts';
import { claimedMachine, jsonObject, type MachineRequest, signatureHeaders } from './request.ts';
import { routeOf } from './routes.ts';
import { StoredSecrets } from './secret-reader.ts';

interface Admitted {
  readonly machine: KnownMachine;
  readonly nonce: string;
  /** Fingerprint of the key that signed. */
  readonly key: string;
}

export class MachinePlane {
  readonly #context: VaultContext;
  readonly #directory: MachineDirectory;
  readonly #secrets: StoredSecrets;
  readonly #pending: CommittedReads;
  readonly #lockout: Tallies;
  readonly #nonces = new Nonces();
  readonly #rate: RateLimit;
  readonly #polls: PollSources;
  readonly #pollRates = new PollRates();
  readonly #open: OpenCalls;

  constructor(context: VaultContext, rate: Rate = DEFAULT_RATES.machine) {
    this.#context = context;
    this.#rate = new RateLimit(rate);
    this.#directory = new MachineDirectory(context.reader);
    this.#polls = new PollSources(context);
    this.#secrets = new StoredSecrets(context.reader, context.cipher);
    this.#pending = new CommittedReads(
      context,
      {
        at: (machineId, revision) => this.#directory.at(machineId, revision),
        isThere: (vaultId, secretId) => this.#secrets.isThere(vaultId, secretId),
      },
      this.#polls,
    );
    this.#lockout = talliesOf(context, 'machine');
    this.#open = new OpenCalls(context);
  }

  /** Never throws and never answers 500: clients retry 503, and take 500 for an answer. */
  async answer(request: MachineRequest): Promise<MachineAnswer> {
    let admitted: Admitted | null = null;
    try {
      const made = await this.#open.answer(request);
      if (made !== null) return made;
      const route = routeOf(request.method, request.target);
      if (route === null) throw new MachineRefusal('NoSuchCall');
      const asking = await this.#authenticated(request);
      admitted = asking;
      const { machine, nonce, key } = asking;
      const { source } = request;
      const answer = await this.#unlessReplayed(asking, async () => {
        const now = this.#context.clock.now();
        this.#admit(machine, key, source, now);
        const body = jsonObject(request.body);
        if (route.isPoll) await this.#admitPoll(asking, source, now);
        return route.call(machine, this.#secrets, body, {
          source,
          now,
          decide: (question) => this.#polls.decide({ machineId: machine.id, source }, question),
        });
      });
      const { read, observed, refused } = answer;
      const kept = await this.#pending.commit({
        machine,
        key,
        nonce,
        source,
        call: route.name,
        isPoll: route.isPoll,
        read,
        observed,
        refused,
      });
      this.#nonces.stored(machine.id, nonce);
      const text = JSON.stringify(answer.body(kept));
      return { status: 200, body: text, machineId: machine.id, outcome: 'Ok' };
    } catch (error) {
      const refusal = refusalOf(error);
      return {
        status: refusal.status,
        body: JSON.stringify({ error: refusal.message }),
        machineId: admitted?.machine.id ?? null,
        outcome: refusal.code,
        ...(refusal.retryAfter === null ? {} : { retryAfter: refusal.retryAfter }),
        ...(refusal.code === 'Unavailable' ? { fault: error } : {}),
      };
    }
  }

  /** Every check of who asks, in their order. Throws MachineRefusal. */
  async #authenticated(request: MachineRequest): Promise<Admitted> {
    const now = this.#context.clock.now();
    const claimed = claimedMachine(request);
    const machine = claimed === null ? null : await this.#directory.find(claimed);
    if (machine?.gate?.has(request.source) === false) throw new MachineRefusal('NotAllowed');
    if (claimed !== null && (await this.#lockout.isLocked(claimed, request.source, now))) {
      throw new MachineRefusal('LockedOut');
    }
    const headers = signatureHeaders(request, now);
    if (claimed === null || machine === null)
      throw await this.#failed('UnknownMachine', claimed, request, now);

    const payload = machinePayload({
      method: request.method,
      target: request.target,
      timestamp: headers.timestamp,
      nonce: headers.nonce,
      bodyHash: bodyHash(request.body),
    });
    const signer = machine.keys.find(({ key }) => verifyPayload(key, payload, headers.signature));
    if (signer === undefined) throw await this.#failed('BadSignature', claimed, request, now);
    if (!isTakenFrom(signer, request.source)) throw new MachineRefusal('NotAllowed');
    await this.#lockout.succeeded(claimed, request.source);
    const seconds = this.#rate.take(claimed, now);
    if (seconds !== null) throw new MachineRefusal('TooManyRequests', seconds);
    // Only now: a forgery must not burn the nonce of the machine it imitates.
    if (!this.#nonces.use(claimed, headers.nonce, now)) throw new MachineRefusal('ReplayedNonce');
    return { machine, nonce: headers.nonce, key: signer.fingerprint };
  }

  /** Throws MachineRefusal. */
  #admit(machine: KnownMachine, key: string, source: string, now: number): void {
    const why = whyNotAnswered(machine, source, now);
    if (why !== null) throw new MachineRefusal(why);
    this.#context.keyUses.used(machine.vaultId, key, now, source);
  }

  /** Throws MachineRefusal. */
  async #admitPoll(asking: Admitted, source: string, now: number): Promise<void> {
    const { id: machineId } = asking.machine;
    // Looked up first: a replay is no poll, and must not take the place of one.
    await this.#requireNew(asking);
    await this.#polls.load([machineId], now);
    const isRegular = this.#polls.isRegular({ machineId, source }, now);
    const seconds = this.#pollRates.take(machineId, source, isRegular, now);
    if (seconds !== null) throw new MachineRefusal('TooManyPolls', seconds);
    await this.#polls.polled({ machineId, source }, now);
  }

  /**
   * The check of the nonce comes before all that `work` refuses, and still costs nothing where it refuses nothing: the
   * commit refuses a nonce that the store has, so it is looked up there only where `work` would not come that far.
   */
  async #unlessReplayed<T>(admitted: Admitted, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (refusalOf(error).code !== 'Unavailable') await this.#requireNew(admitted);
      throw error;
    }
  }

  /** Throws MachineRefusal `ReplayedNonce` where the nonce is in the store. */
  async #requireNew({ machine, nonce }: Admitted): Promise<void> {
    if (await isStored(this.#context.reader, machine.id, nonce)) throw new MachineRefusal('ReplayedNonce');
  }

  async #failed(
    code: 'UnknownMachine' | 'BadSignature',
    claimed: string | null,
    { source }: MachineRequest,
    now: number,
  ): Promise<MachineRefusal> {
    if (claimed !== null) await this.#lockout.failed(claimed, source, now);
    return new MachineRefusal(code);
  }
}

/** What nobody can store or look for is the client's to correct; all else that fails is ours. */
function refusalOf(error: unknown): MachineRefusal {
  if (error instanceof MachineRefusal) return error;
  // The vault was deleted since, and its machines with it.
  if (error instanceof DomainError && error.code === 'VaultNotFound')
    return new MachineRefusal('UnknownMachine');
  return new MachineRefusal(error instanceof UnstorableTextError ? 'BadBody' : 'Unavailable');
}
