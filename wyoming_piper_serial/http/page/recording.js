// The recording of one utterance, which grows during synthesis.

const BLOCK = 1 << 16; // samples per block
const LEVELS = 50; // levels per second, for the waveform
const KEPT = 32 * 1024 * 1024; // maximum samples: 25 minutes at 22,050 Hz; beyond that, the beginning is dropped

export class Recording {
  rate = null; // hertz; null until the server has sent it
  length = 0; // samples
  complete = false;
  #first = 0; // number of blocks that were dropped
  #blocks = [];
  #levels = []; // the largest absolute value of the samples in each period
  #waiting = [];

  get seconds() {
    return this.rate === null ? 0 : this.length / this.rate;
  }

  get bytes() {
    return 2 * this.length;
  }

  /** Number of samples that were dropped at the beginning. */
  get dropped() {
    return this.#first * BLOCK;
  }

  /** Whether the recording still contains all its samples, so it can be saved and replayed. */
  get whole() {
    return this.length > 0 && this.dropped === 0;
  }

  append(samples) {
    for (let taken = 0; taken < samples.length; ) {
      const at = (this.length + taken) % BLOCK;
      if (at === 0) {
        this.#blocks.push(new Int16Array(BLOCK));
      }
      const part = samples.subarray(taken, taken + BLOCK - at);
      this.#blocks.at(-1).set(part, at);
      taken += part.length;
    }
    this.#addLevels(samples);
    this.length += samples.length;
    while ((this.#blocks.length - 1) * BLOCK > KEPT) {
      this.#blocks.shift();
      this.#first += 1;
    }
    this.#wake();
  }

  /** Marks the recording as complete. From now on, `grown` resolves at once. */
  finish() {
    this.complete = true;
    this.#wake();
  }

  /** Resolves when samples have been added or the recording is complete. */
  async grown() {
    if (!this.complete) {
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Returns up to `count` samples, beginning with sample number `from`. Returns fewer at the end of a storage block,
   * and none at the end of the recording or if the samples have been dropped. */
  slice(from, count) {
    const block = this.#blocks[Math.floor(from / BLOCK) - this.#first];
    const at = from % BLOCK;
    return block?.slice(at, Math.min(BLOCK, at + count, at + this.length - from)) ?? new Int16Array(0);
  }

  /** Returns all samples that have not been dropped, in pieces. */
  pieces() {
    const last = this.length % BLOCK || BLOCK;
    return this.#blocks.map((block, index) => (index === this.#blocks.length - 1 ? block.subarray(0, last) : block));
  }

  /** Returns the peak level (0 to 1) in each of `count` equal parts of the recording. */
  levels(count) {
    const per = this.#levels.length / count;
    return Array.from({ length: count }, (_, index) => {
      let most = 0;
      for (let at = Math.floor(index * per); at < Math.max((index + 1) * per, Math.floor(index * per) + 1); at += 1) {
        most = Math.max(most, this.#levels[at] ?? 0);
      }
      return most / 32768;
    });
  }

  #addLevels(samples) {
    const period = this.rate / LEVELS;
    samples.forEach((sample, index) => {
      const at = Math.floor((this.length + index) / period);
      this.#levels[at] = Math.max(this.#levels[at] ?? 0, Math.abs(sample));
    });
  }

  #wake() {
    this.#waiting.splice(0).forEach((resolve) => resolve());
  }
}
