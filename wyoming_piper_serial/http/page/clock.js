// Estimates the server's clock from the times in its responses.

/** Returns the time of this page's clock in seconds. */
const here = () => performance.now() / 1000;

export class ServerClock {
  #offset = null;

  /** Updates the estimate. `now` is the server's time in a response that has just arrived, and `sent` is the result of
   * `here()` when the request was sent. */
  update(now, sent) {
    const offset = now - (sent + here()) / 2;
    // Delays vary by milliseconds, so the offset is smoothed to keep the timeline steady. After the server restarts,
    // the new offset applies at once.
    const near = this.#offset !== null && Math.abs(offset - this.#offset) < 0.5;
    this.#offset = near ? this.#offset + 0.1 * (offset - this.#offset) : offset;
  }

  get now() {
    return here() + (this.#offset ?? 0);
  }

  static here = here;
}
