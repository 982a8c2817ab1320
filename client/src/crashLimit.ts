/** Says whether a server that ended by itself is started again: not when it keeps crashing. */
export class CrashLimit {
  private readonly crashes: number[] = [];

  /** At most `restarts` within `milliseconds`; `now` gives the time in milliseconds. */
  constructor(
    private readonly restarts: number,
    private readonly milliseconds: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Notes a crash; true if the server may be started again. */
  mayRestart(): boolean {
    const time = this.now();
    this.crashes.push(time);
    while (this.crashes[0] !== undefined && time - this.crashes[0] > this.milliseconds) {
      this.crashes.shift();
    }
    return this.crashes.length <= this.restarts;
  }
}
