// Requests an utterance, reads it while it is synthesized, and plays it.

import { ask, Unreachable } from "./api.js";
import { Player, soundAt } from "./player.js";
import { WavReader, wavFile } from "./wav.js";

const KEPT = 64 * 1024 * 1024; // maximum bytes kept for the WAV file: about 25 minutes; longer speech cannot be saved

/** The connection was lost before the end of the audio. */
export class Lost extends Error {
  constructor(seconds) {
    super(`The connection was lost after ${seconds.toFixed(1)} seconds of sound. Please try again.`);
  }
}

export class Speech {
  bytes = 0;
  firstAudio = null; // milliseconds from the click to the first samples
  stopped = false; // whether the listener stopped it
  #aborting = new AbortController();
  #reader = new WavReader();
  #pieces = [];
  #player = null;
  #clicked = performance.now();
  #onProgress;

  /** `onProgress` is called after each piece of audio. */
  constructor(onProgress) {
    this.#onProgress = onProgress;
  }

  get seconds() {
    return this.#player?.scheduled ?? 0;
  }

  get underruns() {
    return this.#player?.underruns ?? 0;
  }

  /** Returns the received audio as a WAV file; null if there is none or it exceeds KEPT bytes. */
  get file() {
    return this.bytes > 0 && this.bytes <= KEPT ? wavFile(this.#reader.rate, this.#pieces) : null;
  }

  /** Resolves when everything has been played. Throws Refused, Unreachable or Lost, or any error after `stop`. */
  async run(text, query) {
    const response = await ask(`api/text-to-speech?${query}`, {
      method: "POST",
      body: text,
      headers: { "Content-Type": "text/plain; charset=utf-8" },
      signal: this.#aborting.signal,
    });
    const stream = response.body.getReader();
    try {
      await this.#read(stream);
    } finally {
      // also after an error in the page, so that the server does not synthesize the rest
      this.#aborting.abort();
    }
    await this.#player?.finish();
  }

  /** Cancels the request. Resolves when nothing is playing any more. */
  async stop() {
    this.stopped = true;
    this.#aborting.abort();
    await this.#player?.stop();
  }

  async #read(stream) {
    for (;;) {
      let piece;
      try {
        piece = await stream.read();
      } catch {
        // the received audio is still played
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
    this.#onProgress();
  }
}
