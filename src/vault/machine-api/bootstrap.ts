/** `GET /v1/bootstrap/{token}` and what its script calls: a standard machine registers, and a person approves. */

import type { VaultContext } from '../act/context.ts';
import { type Tallies, talliesOf } from '../act/lockout.ts';
import { openBootstrapToken } from '../machines/bootstrap-tokens.ts';
import { isAllowed } from '../machines/ip-allowlist.ts';
import { registerMachine } from '../machines/machines.ts';
import { couldMakeNow } from '../machines/token-makers.ts';
import type { BootstrapTokenTable } from '../store/schema.ts';
import type { BootstrapFacts } from './bootstrap-script.ts';
import { applicantOf, underFreeName, underName } from './enrollment.ts';
import { MachineRefusal } from './refusal.ts';
import { jsonObject, type MachineRequest } from './request.ts';

interface Registered {
  readonly machineId: string;
  readonly machineName: string;
}

export class Bootstrap {
  readonly #context: VaultContext;
  readonly #lockout: Tallies;

  constructor(context: VaultContext) {
    this.#context = context;
    this.#lockout = talliesOf(context, 'bootstrap');
  }

  /** What the script holds; looking at it does not use the token. Throws MachineRefusal. */
  async facts(token: string, request: MachineRequest): Promise<BootstrapFacts> {
    const { vault_id } = await this.#row(token, request);
    if (request.origin === null) throw new MachineRefusal('BadHost');
    const caCertificate = this.#context.network.clientCa?.() ?? null;
    return { vaultId: vault_id, apiUrl: request.origin, token, caCertificate };
  }

  /** Uses the token: a machine that may do nothing until it is approved. Throws MachineRefusal. */
  async register(request: MachineRequest): Promise<Registered> {
    const applicant = applicantOf(jsonObject(request.body));
    const row = await this.#row(applicant.token, request);
    const { key, hostname } = applicant;
    const register = (id: string, name: string) =>
      this.#context.act(row.vault_id, { type: 'machine', id, name }, async (act) => {
        const { numUpdatedRows } = await act.db
          .updateTable('bootstrap_tokens')
          .set({ used_at: act.now })
          .where('id', '=', row.id)
          .where('used_at', 'is', null)
          .executeTakeFirst();
        // Used in the same moment by another.
        if (numUpdatedRows !== 1n) throw new MachineRefusal('BadToken');
        if (!(await couldMakeNow(act.db, row, [], act.now))) throw new MachineRefusal('BadToken');
        await registerMachine(act, name, key, {
          id,
          kind: 'standard',
          approved: false,
          expiresAt: null,
          hostname,
          maker: row.maker,
        });
        const { source } = request;
        await act.audit({
          action: 'machine.waits-for-approval',
          subject: { kind: 'MachineBinding', key: name },
          details: { id, token: row.id, fingerprint: key.fingerprint, hostname, source },
        });
        return { machineId: id, machineName: name };
      });
    return row.name === null
      ? underFreeName(this.#context, { name: null, hostname }, register)
      : underName(this.#context, row.name, register);
  }

  async #row(token: string, { source }: MachineRequest): Promise<BootstrapTokenTable> {
    const now = this.#context.clock.now();
    if (await this.#lockout.isLocked('bootstrap', source, now)) throw new MachineRefusal('LockedOut');
    const row = await openBootstrapToken(this.#context.reader, token, now);
    if (row === undefined || !(await couldMakeNow(this.#context.reader, row, [], now))) {
      await this.#lockout.failed('bootstrap', source, now);
      throw new MachineRefusal('BadToken');
    }
    await this.#lockout.succeeded('bootstrap', source);
    // Only the token tells the vault, so this cannot come first as it does elsewhere.
    if (!(await isAllowed(this.#context.reader, row.vault_id, source)))
      throw new MachineRefusal('NotAllowed');
    return row;
  }
}
