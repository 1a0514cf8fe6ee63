// An estimate of the server's clock, from the times in its answers.

/** Seconds of this page's clock. */
const here = () => performance.now() / 1000;

export class ServerClock {
  #offset = null;

  /** Take the server's time `now` from an answer that has just arrived; its request was `sent` at that `here()`. */
  update(now, sent) {
    const offset = now - (sent + here()) / 2;
    // Delays vary by milliseconds, so the offset is smoothed, or the picture would shake. A restart is followed at once.
    const near = this.#offset !== null && Math.abs(offset - this.#offset) < 0.5;
    this.#offset = near ? this.#offset + 0.1 * (offset - this.#offset) : offset;
  }

  get now() {
    return here() + (this.#offset ?? 0);
  }

  static here = here;
}
