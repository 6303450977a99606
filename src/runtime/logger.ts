/** Where log lines go: one line of JSON an entry. Fields come first, then a message that never holds a value. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A logger that adds these fields to each line. */
  child(fields: object): Logger;
}

export interface LoggerOptions {
  /** Default `info`. */
  readonly level?: 'debug' | 'info' | 'warn' | 'error' | 'silent' | undefined;
  /** Default: standard output, written at once so that nothing is lost in a crash. */
  readonly destination?: { write(line: string): void } | undefined;
}

/**
 * A logger that writes one line of JSON per entry. Values have to be of a type whose `toJSON` gives
 * `[redacted]`: redaction by path is shallow and is not relied on.
 */
export async function createLogger(options: LoggerOptions = {}): Promise<Logger> {
  // Of a package in CommonJS a part of the bundle has the default alone.
  const { default: pino } = await import('pino');
  const destination = options.destination ?? pino.destination({ fd: 1, sync: true });
  const logger: Logger = pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorFields },
    },
    destination,
  );
  return logger;
}

/** Of an error: what it is and where. Properties are left out, because clients hang bodies and headers on them. */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const reason = (error as { reason?: unknown }).reason;
  return {
    type: error.name,
    message: error.message,
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(error.cause instanceof Error
      ? { cause: error.cause.message, stack: error.cause.stack }
      : { stack: error.stack }),
  };
}
