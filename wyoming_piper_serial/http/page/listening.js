// The utterance that this page is requesting or playing. There is only one at a time.

import { Playback } from "./playback.js";
import { silence } from "./player.js";
import { SpeechRequest } from "./speech.js";

const TICK = 50; // milliseconds between two checks of the position; a short word lasts 100
const TOLD = 20; // ticks between two messages to the server about the position
const BLOCKED = 15; // ticks without sound after which the browser is assumed to wait for a click

export class Listening {
  utterance = null; // the utterance that is shown; null before the first one
  state = "idle"; // idle, asking, playing, blocked, paused, stopped, done or failed
  problem = null; // the error that ended the request
  #request = null;
  #running = false; // whether audio may still arrive
  #playback = null;
  #blockedFor = 0;
  #ticks = 0;
  #view;

  /** `view` has the methods `onState(listening)`, `onWait(progress)`, `onPosition(listening)` and `onEnd(utterance)`,
   * which is called when no more audio will arrive. */
  constructor(view) {
    this.#view = view;
    setInterval(() => this.#tick(), TICK);
  }

  get busy() {
    return ["asking", "playing", "blocked", "paused"].includes(this.state);
  }

  get position() {
    return this.#playback?.position ?? 0;
  }

  get scheduled() {
    return this.#playback?.scheduled ?? 0;
  }

  get underruns() {
    return this.#playback?.underruns ?? 0;
  }

  get firstAudio() {
    return this.#request?.firstAudio ?? null;
  }

  /** The server's numbers for the requests of this utterance. */
  get numbers() {
    return this.#request?.numbers ?? new Set();
  }

  /** Speaks `utterance`. If another utterance is still waiting, the new one takes its place in the queue. Returns false
   * if the same utterance is already waiting. */
  speak(utterance) {
    if (this.#running && this.#request.waits) {
      if (this.utterance.equals(utterance)) {
        return false;
      }
      this.#playback.stop();
      this.#request.replace(utterance);
      this.#show(utterance);
    } else {
      this.#leave();
      this.#request = new SpeechRequest(utterance, (progress) => this.#view.onWait(progress), () => this.#onAudio());
      this.#show(utterance);
      this.#run(this.#request);
    }
    this.#playback.play();
    this.#set("asking");
    return true;
  }

  /** Plays the recording of `utterance` from its beginning. */
  replay(utterance) {
    this.#leave();
    this.#request = null;
    this.#show(utterance);
    this.#playback.play();
    this.#set("playing");
  }

  /** Pauses, resumes, or plays again from the beginning. */
  async toggle() {
    if (this.state === "playing") {
      await this.#playback.pause();
    } else if (this.state === "paused" || this.state === "blocked") {
      await this.#playback.resume();
    } else if (this.utterance.recording.length > 0) {
      this.#playback.paused = false;
      this.#playback.play();
    }
    this.#update();
  }

  seek(seconds) {
    if (this.utterance?.recording.length > 0) {
      this.#playback.play(seconds);
      this.#update();
    }
  }

  /** Cancels the request and stops the sound. */
  async stop() {
    if (!this.busy) {
      return;
    }
    const { utterance } = this;
    const ending = this.#leave();
    this.#playback = new Playback(utterance.recording, () => this.#update());
    this.#set("stopped");
    await ending;
    if (this.state === "stopped") {
      silence();
    }
  }

  async #leave() {
    const playback = this.#playback;
    if (this.#running) {
      this.#running = false;
      this.utterance.partial = true;
      this.#request.stop();
      this.#view.onEnd(this.utterance);
    }
    this.#playback = null;
    await playback?.stop();
  }

  #show(utterance) {
    this.utterance = utterance;
    this.problem = null;
    this.#playback = new Playback(utterance.recording, () => this.#update());
  }

  async #run(request) {
    this.#running = true;
    let problem = null;
    try {
      await request.run();
    } catch (error) {
      problem = error;
    }
    if (request !== this.#request || !this.#running) {
      return; // the request was stopped, or another one was started
    }
    this.#running = false;
    if (problem === null && this.utterance.recording.length === 0) {
      problem = new Error("The server sent no audio for this text.");
    }
    this.problem = problem;
    this.utterance.partial = problem !== null;
    this.#view.onEnd(this.utterance);
    this.#update();
  }

  #onAudio() {
    if (this.state === "asking") {
      this.#set("playing");
    }
    this.#view.onPosition(this);
  }

  /** Updates `state` to match the playback and the request. */
  #update() {
    if (this.state === "idle" || this.#playback === null) {
      return;
    }
    const { ended, paused } = this.#playback;
    if (!ended && this.utterance.recording.length > 0) {
      this.#set(paused ? "paused" : this.#blockedFor > BLOCKED ? "blocked" : "playing");
    } else if (!this.#running && this.busy) {
      this.#set(this.problem === null ? "done" : "failed");
      silence();
    }
  }

  #set(state) {
    if (state !== this.state || state === "asking") {
      this.state = state;
      this.#view.onState(this);
    }
    this.#view.onPosition(this);
  }

  #tick() {
    this.#ticks += 1;
    if (this.state !== "playing" && this.state !== "blocked") {
      this.#blockedFor = 0;
      return;
    }
    this.#blockedFor = this.#playback.blocked ? this.#blockedFor + 1 : 0;
    this.#update();
    if (this.#running && this.#ticks % TOLD === 0) {
      this.#request.played(this.position);
    }
    this.#view.onPosition(this);
  }
}
