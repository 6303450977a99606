/** Clients that write as fast as they are answered, and what they were told: only that counts as done. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StepAction } from '#model/step.ts';
import type { StepsAnswer } from '#protocol/management.ts';
import { access, MANAGER, type TestVault } from '#test/builders/vault.ts';
import type { MachineClient } from '#test/fakes/machine-client.ts';
import type { Person } from '../vault/world/people.ts';

export const SECRETS = ['a', 'b', 'c'] as const;

interface Step {
  readonly idempotencyKey: string;
  readonly action: StepAction;
}

export class WriteLoad {
  readonly #vault: TestVault;
  readonly #owner: Person;
  readonly #machine: MachineClient;
  #count = 0;
  /** By name: the newest version and value that was acknowledged, and values sent since then. */
  readonly secrets = new Map<string, { version: number; values: Set<string> }>();
  /** Addresses and projects by kind. */
  readonly invited = new Set<string>();
  readonly projects = new Set<string>();
  /** Ids of the audit entries that steps were answered with. */
  readonly entries = new Set<string>();
  reads = 0;
  /** Steps whose answer never came; sent again with the same key they are done once. */
  #unanswered: Step[] = [];

  constructor(vault: TestVault, owner: Person, machine: MachineClient) {
    this.#vault = vault;
    this.#owner = owner;
    this.#machine = machine;
  }

  /** Until the server is gone. Rejects where it refuses something. */
  async run(): Promise<void> {
    await Promise.all([
      ...SECRETS.map((name) => this.#forever(() => this.#setSecret(name))),
      this.#forever(() => this.#invite()),
      this.#forever(() => this.#runSteps()),
      this.#forever(() => this.#read()),
    ]);
  }

  async #forever(write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await write();
      } catch (error) {
        if (isGone(error)) return;
        throw error;
      }
    }
  }

  #next(): number {
    this.#count += 1;
    return this.#count;
  }

  async #setSecret(name: string): Promise<void> {
    const value = `value ${this.#next()}`;
    const known = this.secrets.get(name) ?? { version: 0, values: new Set() };
    this.secrets.set(name, known);
    known.values.add(value);
    const path = `/vaults/${this.#vault.vaultId}/projects/load/secrets/${name}`;
    const { status, body } = await this.#owner.ask<{ version: number }>('PUT', path, { value });
    if (status !== 200) throw new Error(`secret: ${status}`);
    this.secrets.set(name, { version: body.version, values: new Set([value]) });
  }

  async #invite(): Promise<void> {
    const email = `p${this.#next()}@acme.example`;
    const path = `/vaults/${this.#vault.vaultId}/invites`;
    const { status } = await this.#owner.ask('POST', path, { emails: [email] });
    if (status !== 204) throw new Error(`invite: ${status}`);
    this.invited.add(email);
  }

  async #runSteps(): Promise<void> {
    const again = this.#unanswered;
    const more = this.#next();
    const actions: readonly StepAction[] = [
      { kind: 'CreateProject', key: `project-${more}`, before: null, after: { description: '' } },
      { kind: 'InviteMember', key: `s${more}@acme.example`, before: null, after: access() },
    ];
    const steps = [
      ...again,
      ...actions.map((action, index) => ({ idempotencyKey: `load-${more}-${index}`, action })),
    ];
    this.#unanswered = steps;
    const fence = await this.#vault.lease(MANAGER, 'installation-1');
    const { status, body } = await this.#vault.request<StepsAnswer>('POST', '/steps', {
      fence,
      steps: steps.map((step) => ({ ...step, provenance: {} })),
    });
    if (status !== 200) throw new Error(`steps: ${status}`);
    this.#unanswered = [];
    for (const [index, answer] of body.results.entries()) {
      if (answer.status !== 'Done') throw new Error(`step: ${JSON.stringify(answer)}`);
      this.entries.add(answer.entry ?? '');
      const action = steps[index]?.action;
      (action?.kind === 'CreateProject' ? this.projects : this.invited).add(action?.key ?? '');
    }
  }

  async #read(): Promise<void> {
    this.reads += (await this.#machine.exported()).length === SECRETS.length ? 1 : 0;
    // The writers are what it is about.
    await sleep(5);
  }
}

/** Whether the server went away in the middle of it. */
function isGone(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'UND_ERR_SOCKET'].includes(code);
}
