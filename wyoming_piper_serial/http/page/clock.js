// The server's clock, as far as answers tell.

/** Seconds of this page's clock. */
const here = () => performance.now() / 1000;

export class ServerClock {
  #offset = null;

  /** An answer that was asked for at `asked` (of `ServerClock.here()`) and has just come says it is `now` there. */
  tell(now, asked) {
    const offset = now - (asked + here()) / 2;
    // Answers vary by milliseconds: follow slowly, so that the picture does not shake; but follow a restart at once.
    const near = this.#offset !== null && Math.abs(offset - this.#offset) < 0.5;
    this.#offset = near ? this.#offset + 0.1 * (offset - this.#offset) : offset;
  }

  get now() {
    return here() + (this.#offset ?? 0);
  }

  static here = here;
}
