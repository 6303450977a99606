/** The calls that no machine signs, because the machine is made by them: a token proves who asks. */
import type { VaultContext } from '../act/context.ts';
import type { MachineAnswer } from './answer.ts';
import { Bootstrap } from './bootstrap.ts';
import { Enrollment } from './enrollment.ts';
import type { MachineRequest } from './request.ts';

const ENROLLMENT = /^\/v1\/(vault_[A-Za-z0-9]{16})\/enroll\/register$/;
const SCRIPT = /^\/v1\/bootstrap\/([A-Za-z0-9_-]{1,128})$/;

export class OpenCalls {
  readonly #enrollment: Enrollment;
  readonly #bootstrap: Bootstrap;

  constructor(context: VaultContext) {
    this.#enrollment = new Enrollment(context);
    this.#bootstrap = new Bootstrap(context);
  }

  /** Null where the request is none of them. Throws MachineRefusal. */
  async answer(request: MachineRequest): Promise<MachineAnswer | null> {
    const { method, target } = request;
    const vaultId = ENROLLMENT.exec(target)?.[1];
    if (method === 'POST' && vaultId !== undefined) {
      return made(await this.#enrollment.register(vaultId, request), 'Enrolled');
    }
    if (method === 'POST' && target === '/v1/bootstrap/register') {
      return made(await this.#bootstrap.register(request), 'Registered');
    }
    const token = SCRIPT.exec(target)?.[1];
    if (method !== 'GET' || token === undefined) return null;
    const body = await this.#bootstrap.script(token, request);
    return { status: 200, body, contentType: 'text/x-shellscript', machineId: null, outcome: 'Script' };
  }
}

function made(body: { readonly machineId: string }, outcome: string): MachineAnswer {
  return { status: 200, body: JSON.stringify(body), machineId: body.machineId, outcome };
}
