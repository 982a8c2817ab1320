/**
 * Turns any number of requests into few starts: one runs, at most one waits.
 *
 * A change of settings, of trust and of the active environment often come together; a request that arrives while another
 * one waits shares its outcome, as what it asks for has not begun yet.
 */
export class RestartQueue {
  private running: Promise<void> | undefined;
  private waiting: Promise<void> | undefined;

  /** `restart` must not reject: it is its own place to report. */
  constructor(private readonly restart: () => Promise<void>) {}

  /** Resolves when a start that began after this request is over. */
  request(): Promise<void> {
    if (this.running === undefined) {
      this.running = this.restart().finally(() => {
        this.running = undefined;
      });
      return this.running;
    }
    this.waiting ??= this.running.then(() => {
      this.waiting = undefined;
      return this.request();
    });
    return this.waiting;
  }
}
