/**
 * A signal that is aborted by the first SIGTERM or SIGINT. A second one ends the process at once,
 * with 130, for people who do not want to wait.
 */
export function terminationSignal(): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return controller.signal;
}
