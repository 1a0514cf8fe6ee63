// The samples of one utterance, which grow while it is synthesized.

const BLOCK = 1 << 16; // samples that are stored together
const LEVELS = 50; // levels per second, from which the waveform is drawn
const KEPT = 32 * 1024 * 1024; // maximum samples: 25 minutes at 22,050 Hz; the beginning of longer speech is dropped

export class Recording {
  rate = null; // hertz; null before the server has told it
  length = 0; // samples
  complete = false;
  #first = 0; // number of blocks that were dropped
  #blocks = [];
  #levels = []; // the largest absolute sample of each period
  #waiting = [];

  get seconds() {
    return this.rate === null ? 0 : this.length / this.rate;
  }

  get bytes() {
    return 2 * this.length;
  }

  /** Whether all samples are kept, so that the recording can be saved and replayed. */
  get whole() {
    return this.length > 0 && this.#first === 0;
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

  /** Marks the end. `grown` resolves at once from now on. */
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

  /** Returns at most `count` samples from `from` on; fewer at the end of a block, none at the end of the recording. */
  slice(from, count) {
    const block = this.#blocks[Math.floor(from / BLOCK) - this.#first];
    const at = from % BLOCK;
    return block?.slice(at, Math.min(BLOCK, at + count, at + this.length - from)) ?? new Int16Array(0);
  }

  /** Returns all samples in pieces. */
  pieces() {
    const last = this.length % BLOCK || BLOCK;
    return this.#blocks.map((block, index) => (index === this.#blocks.length - 1 ? block.subarray(0, last) : block));
  }

  /** Returns the largest level, from 0 to 1, of each of `count` equal parts of the recording. */
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
