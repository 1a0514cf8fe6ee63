// Requests the speech for an utterance, and tries again while the queue of the server is full.

import { Recording } from "./recording.js";
import { SpeechSocket } from "./socket.js";

const RETRIES = [2, 3, 5, 8, 13]; // seconds before each attempt after the first one; half a minute in total

/** A text with the choices with which it is spoken, and its audio. */
export class Utterance {
  recording = new Recording();

  /** The seed makes it possible to get the same audio again in another format. */
  constructor(text, choices) {
    this.text = text;
    this.choices = choices;
    this.seed = crypto.getRandomValues(new Uint32Array(1))[0];
  }

  /** Whether `other` is the same text with the same choices. */
  equals(other) {
    return this.text === other.text && JSON.stringify(this.choices) === JSON.stringify(other.choices);
  }
}

export class SpeechRequest {
  utterance;
  firstAudio = null; // milliseconds from the click to the first samples
  numbers = new Set(); // numbers of the server's requests
  #clicked = performance.now();
  #socket = null;
  #stopped = false;
  #endPause = () => {};
  #onProgress;
  #onAudio;

  /** `onProgress(progress)` is called with what the request is waiting for, and `onAudio()` after each piece. */
  constructor(utterance, onProgress, onAudio) {
    this.utterance = utterance;
    this.#onProgress = onProgress;
    this.#onAudio = onAudio;
  }

  /** Whether nothing has been heard, so that the text can still be replaced. */
  get waits() {
    return this.firstAudio === null;
  }

  /** Resolves when all audio has arrived. Throws Refused, Unreachable or Lost, or any error after `stop`. */
  async run() {
    try {
      await this.#repeat();
    } finally {
      this.utterance.recording.finish();
    }
  }

  /** Replaces the text while it waits. The request keeps its place in the queue. */
  replace(utterance) {
    this.utterance.recording.finish();
    this.utterance = utterance;
    this.#socket?.replace(utterance.text, this.#parameters());
  }

  /** Tells the server how far the speech was played. */
  played(seconds) {
    this.#socket?.played(seconds);
  }

  stop() {
    this.#stopped = true;
    this.#endPause();
    this.#socket?.close();
  }

  async #repeat() {
    for (let attempt = 0; ; attempt += 1) {
      try {
        this.#socket = new SpeechSocket(this);
        return await this.#socket.speak(this.utterance.text, this.#parameters());
      } catch (error) {
        if (this.#stopped || error.code !== "queue-full" || attempt === RETRIES.length) {
          throw error;
        }
        await this.#pause(Math.max(RETRIES[attempt], error.retryAfter), attempt + 2);
      }
    }
  }

  /** Waits before the attempt with the number `attempt`, and reports each second of the wait. */
  async #pause(seconds, attempt) {
    this.#socket = null;
    for (let left = seconds; left > 0 && !this.#stopped; left -= 1) {
      this.#onProgress({ state: "full", seconds: left, attempt, attempts: RETRIES.length + 1 });
      await new Promise((resolve) => {
        this.#endPause = resolve;
        setTimeout(resolve, 1000);
      });
    }
    if (this.#stopped) {
      throw new Error("stopped");
    }
  }

  #parameters() {
    return { ...this.utterance.choices, seed: this.utterance.seed };
  }

  // The socket calls the methods below.

  onStart(rate) {
    this.utterance.recording.rate = rate;
  }

  onProgress(progress) {
    if (progress.number !== undefined) {
      this.numbers.add(progress.number);
    }
    if (!this.#stopped) {
      this.#onProgress(progress);
    }
  }

  onAudio(samples) {
    if (!this.#stopped) {
      this.firstAudio ??= performance.now() - this.#clicked;
      this.utterance.recording.append(samples);
      this.#onAudio();
    }
  }
}
