/** Why a target cannot be shaped as it is declared. */

/**
 * `InvalidSpec`: whoever wrote the target has to change it. `ValueUnfit`: a value of the vault is not what the target takes
 * it for. Messages name keys, secrets and fields, and never a value.
 */
export interface Fault {
  readonly reason: 'InvalidSpec' | 'ValueUnfit';
  readonly message: string;
}

export const invalidSpec = (message: string): Fault => ({ reason: 'InvalidSpec', message });

export const valueUnfit = (message: string): Fault => ({ reason: 'ValueUnfit', message });
