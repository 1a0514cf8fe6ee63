// One utterance: asked for, read as it is made, played.

import { ask, Unreachable } from "./api.js";
import { Player, soundAt } from "./player.js";
import { WavReader, wavFile } from "./wav.js";

const KEPT = 64 * 1024 * 1024; // bytes kept for saving: some 25 minutes; a longer text is only played

/** The sound broke off before its end. */
export class Lost extends Error {
  constructor(seconds) {
    super(`The connection was lost after ${seconds.toFixed(1)} seconds of sound. Please try again.`);
  }
}

export class Speech {
  bytes = 0;
  firstAudio = null; // milliseconds from the click to the first sound bytes
  stopped = false; // by the listener
  #aborting = new AbortController();
  #reader = new WavReader();
  #pieces = [];
  #player = null;
  #clicked = performance.now();
  #tell;

  /** `tell` is called whenever something changed. */
  constructor(tell) {
    this.#tell = tell;
  }

  get seconds() {
    return this.#player?.scheduled ?? 0;
  }

  get underruns() {
    return this.#player?.underruns ?? 0;
  }

  /** What was received as a WAV file, or null. */
  get file() {
    return this.bytes > 0 && this.bytes <= KEPT ? wavFile(this.#reader.rate, this.#pieces) : null;
  }

  /** Resolves when all has been heard. Throws Refused, Unreachable, Lost. After `stop` it may throw anything. */
  async run(text, query) {
    const response = await ask(`api/text-to-speech?${query}`, {
      method: "POST",
      body: text,
      headers: { "Content-Type": "text/plain; charset=utf-8" },
      signal: this.#aborting.signal,
    });
    const stream = response.body.getReader();
    try {
      await this.#hear(stream);
    } finally {
      // whatever went wrong here, the server need not make the rest
      this.#aborting.abort();
    }
    await this.#player?.finish();
  }

  /** Frees the place in the queue; resolves when it is silent. */
  async stop() {
    this.stopped = true;
    this.#aborting.abort();
    await this.#player?.stop();
  }

  async #hear(stream) {
    for (;;) {
      let piece;
      try {
        piece = await stream.read();
      } catch {
        // what has arrived is still played
        throw this.bytes > 0 ? new Lost(this.bytes / 2 / this.#reader.rate) : new Unreachable();
      }
      if (piece.done) {
        return;
      }
      this.#take(this.#reader.push(piece.value));
      await this.#player?.room();
    }
  }

  #take(samples) {
    if (samples.length === 0 || this.stopped) {
      return;
    }
    this.firstAudio ??= performance.now() - this.#clicked;
    this.#player ??= new Player(soundAt(this.#reader.rate));
    this.#player.add(samples);
    this.bytes += samples.byteLength;
    if (this.bytes <= KEPT) {
      this.#pieces.push(samples);
    } else {
      this.#pieces = [];
    }
    this.#tell();
  }
}
