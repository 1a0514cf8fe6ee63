// Requests the speech for an utterance, and retries while the server's queue is full.

import { Timings } from "./reading.js";
import { Recording } from "./recording.js";
import { SpeechSocket } from "./socket.js";

const RETRIES = [2, 3, 5, 8, 13]; // seconds before each attempt after the first one; half a minute in total

/** A text with its voice settings and its audio. */
export class Utterance {
  recording = new Recording();
  timings = new Timings();

  /** Creates a random seed, with which the same audio can be requested in another format. `voice` is the title of the
   * voice. */
  constructor(text, choices, voice) {
    this.text = text;
    this.choices = choices;
    this.voice = voice;
    this.seed = crypto.getRandomValues(new Uint32Array(1))[0];
  }

  /** Returns whether `other` has the same text, voice, speaker and speed. */
  equals(other) {
    return this.text === other.text && JSON.stringify(this.choices) === JSON.stringify(other.choices);
  }
}

export class SpeechRequest {
  utterance;
  firstAudio = null; // milliseconds from the click to the first samples
  numbers = new Set(); // the server's numbers for the requests
  #clicked = performance.now();
  #socket = null;
  #stopped = false;
  #endPause = () => {};
  #onProgress;
  #onAudio;

  /** `onProgress(progress)` is called with the reason why the request is waiting, and `onAudio()` after each piece of
   * audio. */
  constructor(utterance, onProgress, onAudio) {
    this.utterance = utterance;
    this.#onProgress = onProgress;
    this.#onAudio = onAudio;
  }

  /** Whether the request is still waiting for its first audio, so its text can be replaced. */
  get waits() {
    return this.firstAudio === null;
  }

  /** Resolves when all audio has arrived. Throws Refused, Unreachable, NoSocket or Lost, or any error after `stop`. */
  async run() {
    try {
      await this.#repeat();
    } finally {
      this.utterance.recording.finish();
    }
  }

  /** Replaces the text while the request is waiting. The request keeps its place in the queue. */
  replace(utterance) {
    this.utterance.recording.finish();
    this.utterance = utterance;
    this.#socket?.replace(utterance.text, this.#parameters());
  }

  /** Tells the server how many seconds of the speech have been played. */
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

  /** Waits before attempt number `attempt`, and reports the remaining time every second. */
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

  // Methods that `SpeechSocket` calls.

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

  onTiming(timing) {
    this.utterance.timings.add(timing);
  }

  onAudio(samples) {
    if (!this.#stopped) {
      this.firstAudio ??= performance.now() - this.#clicked;
      this.utterance.recording.append(samples);
      this.#onAudio();
    }
  }
}
