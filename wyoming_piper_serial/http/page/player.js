// Plays pieces of samples one after the other, without gaps or clicks.

const LEAD = 0.06; // seconds before the first sample plays, which cover delays of the page's event loop
const LEAD_AGAIN = 0.2; // the same after an underrun, when the next piece may also be late
const MARGIN = 0.02; // seconds that browsers render ahead of `currentTime`; sound scheduled sooner starts late
const FADE = 0.005; // seconds; short enough to be inaudible, long enough to avoid a click
const SHORTEST = 4 * FADE; // seconds; a shorter piece is kept and joined to the next one
const AHEAD = 30; // maximum seconds of scheduled sound; limits memory, because no more is read from the network

const contexts = new Map(); // by sample rate; at the voice's rate, pieces are not resampled at their edges

/** Returns the running context for a rate. The first call must be in a click handler, or there is no sound. */
export function soundAt(rate) {
  if (!contexts.has(rate)) {
    contexts.set(rate, new AudioContext({ sampleRate: rate, latencyHint: "interactive" }));
  }
  const context = contexts.get(rate);
  context.resume();
  return context;
}

/** Suspends all contexts, which releases the sound device. */
export function silence() {
  contexts.forEach((context) => context.suspend());
}

/** Plays one utterance. */
export class Player {
  underruns = 0;
  scheduled = 0; // seconds
  #context;
  #gain;
  #end = null; // end of the last scheduled sample, in frames of the context
  #kept = []; // pieces that are too short to be scheduled alone
  #sources = new Set();
  #waiting = new Set();

  constructor(context) {
    this.#context = context;
    this.#gain = context.createGain();
    this.#gain.connect(context.destination);
  }

  /** Seconds of scheduled sound that have not been played. */
  get ahead() {
    return this.#end === null ? 0 : Math.max(0, this.#end / this.#context.sampleRate - this.#context.currentTime);
  }

  add(samples) {
    this.#kept.push(samples);
    if (this.#keptLength() >= SHORTEST * this.#context.sampleRate) {
      this.#schedule();
    }
  }

  /** Resolves when less than AHEAD seconds are scheduled. */
  async room() {
    await this.#until(() => this.ahead < AHEAD);
  }

  /** Schedules the kept pieces. Resolves when everything has been played. */
  async finish() {
    if (this.#keptLength() > 0) {
      this.#schedule();
    }
    await this.#until(() => this.#sources.size === 0);
  }

  /** Fades out. Resolves when all sources have stopped. */
  async stop() {
    const now = this.#context.currentTime;
    this.#kept = [];
    this.#gain.gain.cancelScheduledValues(now);
    this.#gain.gain.setTargetAtTime(0, now, FADE);
    this.#sources.forEach((source) => source.stop(now + 8 * FADE));
    await this.#until(() => this.#sources.size === 0);
  }

  #keptLength() {
    return this.#kept.reduce((sum, piece) => sum + piece.length, 0);
  }

  /** Resolves when `holds()` is true, which is checked now and after each piece. */
  #until(holds) {
    return new Promise((resolve) => {
      this.#waiting.add(() => holds() && (resolve(), true));
      this.#check();
    });
  }

  #check() {
    this.#waiting.forEach((check) => check() && this.#waiting.delete(check));
  }

  #schedule() {
    const { sampleRate: rate, currentTime: now } = this.#context;
    const length = this.#keptLength();
    const level = this.#gain.gain;
    const fadeAt = (end) => end / rate - FADE;

    // Each piece ends with a fade-out, which the next piece cancels if it arrives in time.
    if (this.#end === null) {
      this.#end = Math.ceil((now + LEAD) * rate);
    } else if (fadeAt(this.#end) > now + MARGIN) {
      level.cancelScheduledValues(fadeAt(this.#end));
    } else {
      this.underruns += 1;
      this.#end = Math.ceil((Math.max(now, this.#end / rate) + LEAD_AGAIN) * rate);
      level.setValueAtTime(0, this.#end / rate);
      level.linearRampToValueAtTime(1, this.#end / rate + FADE);
    }
    this.#play(this.#takeKept(length), this.#end / rate);
    this.#end += length;
    if (length >= SHORTEST * rate) {
      level.setValueAtTime(1, fadeAt(this.#end));
      level.linearRampToValueAtTime(0, this.#end / rate);
    }
    this.scheduled += length / rate;
  }

  #takeKept(length) {
    const buffer = this.#context.createBuffer(1, length, this.#context.sampleRate);
    const floats = buffer.getChannelData(0);
    let at = 0;
    for (const piece of this.#kept) {
      for (const sample of piece) {
        floats[at] = sample / 32768;
        at += 1;
      }
    }
    this.#kept = [];
    return buffer;
  }

  #play(buffer, when) {
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#gain);
    source.onended = () => {
      source.disconnect();
      this.#sources.delete(source);
      this.#check();
    };
    this.#sources.add(source);
    source.start(when);
  }
}
