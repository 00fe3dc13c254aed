/**
 * Ctrl-C and SIGTERM as an abort signal: the first asks to stop in good order, the second ends at once.
 *
 * @module
 */

/** Fires when the user wants the command to end. Call `dispose()` when the command is done. */
export function stopSignals(): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const name of signals) Deno.addSignalListener(name, stop);
  return {
    signal: controller.signal,
    dispose() {
      for (const name of signals) Deno.removeSignalListener(name, stop);
    },
  };

  function stop(): void {
    if (controller.signal.aborted) Deno.exit(130);
    controller.abort(new StoppedByUser());
  }
}

/** The reason of a stop that the user asked for. */
export class StoppedByUser extends Error {
  override readonly name = "StoppedByUser";
  override readonly message = "Stopped";
}

/** The exit code of a command that was interrupted. */
export const EXIT_CODE_INTERRUPTED = 130;

/** Resolves when the signal fires. */
export function untilStopped(signal: AbortSignal): Promise<void> {
  return signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
