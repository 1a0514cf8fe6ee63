// Plays pieces of audio one after another, without gaps or clicks.

const LEAD = 0.06; // seconds until the first sample plays, to cover delays in the page's event loop
const LEAD_AGAIN = 0.2; // the same after an underrun, when the next piece may also be late
const MARGIN = 0.02; // seconds that browsers render ahead of `currentTime`; sound that is scheduled sooner starts late
const FADE = 0.005; // seconds; short enough to be inaudible, long enough to avoid a click
const SHORTEST = 4 * FADE; // seconds; a shorter piece is joined to the next one
const ALLOWED = 1000; // milliseconds without sound after which the browser is assumed to wait for a click
const AHEAD = 30; // maximum seconds of scheduled sound, to limit memory

const contexts = new Map(); // by sample rate; at the voice's rate, the browser does not resample each piece separately

/** Returns the audio context for a sample rate. The context may be suspended. */
export function contextAt(rate) {
  if (!contexts.has(rate)) {
    contexts.set(rate, new AudioContext({ sampleRate: rate, latencyHint: "interactive" }));
  }
  return contexts.get(rate);
}

/** Starts the sound device. The first call must be in a click handler, or browsers may keep the page silent. Resolves
 * to true if sound is allowed. */
export async function allowSound(rate) {
  const context = contextAt(rate);
  await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, ALLOWED))]);
  return context.state === "running";
}

/** Suspends all contexts, which releases the sound device. */
export function silence() {
  contexts.forEach((context) => context.suspend());
}

/** Plays the samples of a recording from one position onwards. */
export class Player {
  underruns = 0;
  scheduled = 0; // seconds
  #spans = []; // for each scheduled piece: its first frame in the context and in this sound, and its length
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

  /** Seconds of scheduled sound that have not been played yet. */
  get ahead() {
    return this.#end === null ? 0 : Math.max(0, this.#end / this.#context.sampleRate - this.#context.currentTime);
  }

  /** Seconds of this sound that have been played. Gaps after underruns do not count. */
  get played() {
    const { sampleRate: rate, currentTime } = this.#context;
    const now = currentTime * rate;
    while (this.#spans.length > 1 && this.#spans[1].at <= now) {
      this.#spans.shift();
    }
    const [span] = this.#spans;
    return span === undefined ? 0 : (span.from + Math.min(span.length, Math.max(0, now - span.at))) / rate;
  }

  add(samples) {
    this.#kept.push(samples);
    if (this.#keptLength() >= SHORTEST * this.#context.sampleRate) {
      this.#schedule();
    }
  }

  /** Resolves when less than AHEAD seconds of sound are scheduled. */
  async room() {
    await this.#until(() => this.ahead < AHEAD);
  }

  /** Schedules the remaining pieces. Resolves when everything has been played. */
  async finish() {
    if (this.#keptLength() > 0) {
      this.#schedule();
    }
    await this.#until(() => this.#sources.size === 0);
  }

  /** Fades the sound out. Resolves when all audio sources have stopped. */
  async stop() {
    const now = this.#context.currentTime;
    this.#kept = [];
    if (this.#context.state === "suspended") {
      this.#gain.disconnect(); // a suspended context has no running clock, so its sources would never end
      this.#sources.clear();
    }
    this.#gain.gain.cancelScheduledValues(now);
    this.#gain.gain.setTargetAtTime(0, now, FADE);
    this.#sources.forEach((source) => source.stop(now + 8 * FADE));
    await this.#until(() => this.#sources.size === 0);
  }

  #keptLength() {
    return this.#kept.reduce((sum, piece) => sum + piece.length, 0);
  }

  /** Resolves when `holds()` returns true. Calls `holds` now and after each piece of audio. */
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

    // A piece of at least SHORTEST seconds ends with a fade-out. The next piece cancels it if it arrives in time.
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
    this.#spans.push({ at: this.#end, from: Math.round(this.scheduled * rate), length });
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
