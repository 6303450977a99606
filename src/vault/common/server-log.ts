/** Where the vault server's log lines go. Fields are named one by one where a line is written: never a body, a header or a value. */
export interface ServerLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Of a fault: what it is and where. Other properties are left out, because libraries hang parameters on them. */
export function faultFields(error: unknown): object {
  if (!(error instanceof Error)) return { fault: typeof error };
  return { fault: error.name, stack: error.stack };
}
