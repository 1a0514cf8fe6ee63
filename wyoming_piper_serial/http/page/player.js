// Samples to sound, piece after piece, without gaps or clicks.

const LEAD = 0.06; // seconds before the first sample sounds; covers a late turn of the page's loop
const LEAD_AGAIN = 0.2; // after running dry: the next piece may be as late
const MARGIN = 0.02; // browsers render this far ahead of `currentTime`; what starts later than that starts late
const FADE = 0.005; // short enough not to be heard, long enough not to click
const SHORTEST = 4 * FADE; // pieces shorter than this are kept until more has come
const AHEAD = 30; // seconds of sound kept ready; the rest waits in the network, so that a long text fits in a phone

const contexts = new Map(); // one for each rate: at the voice's own rate nothing is resampled at a piece's edge

/** The context for a rate, running. Call it from a click first: browsers let nothing else begin to sound. */
export function soundAt(rate) {
  if (!contexts.has(rate)) {
    contexts.set(rate, new AudioContext({ sampleRate: rate, latencyHint: "interactive" }));
  }
  const context = contexts.get(rate);
  context.resume();
  return context;
}

/** Lets the sound device rest. */
export function silence() {
  contexts.forEach((context) => context.suspend());
}

/** Plays one utterance. */
export class Player {
  underruns = 0;
  scheduled = 0; // seconds
  #context;
  #gain;
  #end = null; // when the last scheduled sample ends, in frames of the context
  #kept = []; // pieces that are too short alone
  #sources = new Set();
  #waiting = new Set();

  constructor(context) {
    this.#context = context;
    this.#gain = context.createGain();
    this.#gain.connect(context.destination);
  }

  /** Seconds of sound that are still to come. */
  get ahead() {
    return this.#end === null ? 0 : Math.max(0, this.#end / this.#context.sampleRate - this.#context.currentTime);
  }

  add(samples) {
    this.#kept.push(samples);
    if (this.#keptLength() >= SHORTEST * this.#context.sampleRate) {
      this.#schedule();
    }
  }

  /** Resolves as soon as there is room for more. */
  async room() {
    await this.#until(() => this.ahead < AHEAD);
  }

  /** Plays what is left; resolves when all has been heard. */
  async finish() {
    if (this.#keptLength() > 0) {
      this.#schedule();
    }
    await this.#until(() => this.#sources.size === 0);
  }

  /** Falls silent; resolves when it is. */
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

  /** Resolves when `holds` does; looked at whenever a piece has been heard. */
  #until(holds) {
    return new Promise((resolve) => {
      this.#waiting.add(() => holds() && (resolve(), true));
      this.#look();
    });
  }

  #look() {
    this.#waiting.forEach((look) => look() && this.#waiting.delete(look));
  }

  #schedule() {
    const { sampleRate: rate, currentTime: now } = this.#context;
    const length = this.#keptLength();
    const level = this.#gain.gain;
    const fadeAt = (end) => end / rate - FADE;

    // Each piece ends in a fade, which the next one takes back if it comes in time.
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
      this.#look();
    };
    this.#sources.add(source);
    source.start(when);
  }
}
