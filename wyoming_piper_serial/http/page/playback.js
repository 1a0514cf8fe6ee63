// Plays a recording, which may still be growing: play, pause and seek.

import { contextAt, Player } from "./player.js";

const PIECE = 1; // maximum seconds that are passed to the player at once

export class Playback {
  ended = true; // whether playback has ended or has not started
  paused = false;
  #recording;
  #player = null;
  #context = null;
  #from = 0; // position in seconds at which the current player started
  #underruns = 0; // underruns of earlier players
  #calls = 0; // number of calls of `play` and `stop`; each call supersedes the earlier ones
  #onChange;

  /** `onChange` is called when the sound is blocked, pauses, resumes or ends. */
  constructor(recording, onChange) {
    this.#recording = recording;
    this.#onChange = onChange;
  }

  /** Whether the browser blocks sound until the first click. */
  get blocked() {
    return !this.paused && !this.ended && this.#context?.state === "suspended";
  }

  get underruns() {
    return this.#underruns + (this.#player?.underruns ?? 0);
  }

  /** The playback position in seconds from the beginning of the recording. */
  get position() {
    return Math.min(this.#recording.seconds, this.#from + (this.#player?.played ?? 0));
  }

  /** The position in seconds up to which samples have been passed to the sound device. */
  get scheduled() {
    return this.#from + (this.#player?.scheduled ?? 0);
  }

  /** Plays from the position `seconds`, or from the first sample that is still stored, to the end of the recording,
      unless `play` or `stop` is called before. */
  async play(seconds = 0) {
    this.#calls += 1;
    const call = this.#calls;
    this.ended = false;
    while (this.#recording.length === 0 && !this.#recording.complete) {
      await this.#recording.grown();
    }
    if (call !== this.#calls) {
      return;
    }
    if (this.#recording.length === 0) {
      this.ended = true;
      this.#onChange();
      return;
    }
    this.#leave();
    this.#from = Math.min(this.#recording.seconds, Math.max(seconds, this.#recording.dropped / this.#recording.rate));
    this.#context = contextAt(this.#recording.rate);
    this.#context.onstatechange = () => this.#onChange();
    if (!this.paused) {
      this.#context.resume();
    }
    this.#player = new Player(this.#context);
    await this.#feed(this.#player);
  }

  async pause() {
    this.paused = true;
    await this.#context?.suspend();
  }

  async resume() {
    this.paused = false;
    await this.#context?.resume();
  }

  /** Stops the sound. Resolves when nothing is playing any more. */
  async stop() {
    this.#calls += 1;
    this.ended = true;
    await this.#leave();
  }

  async #leave() {
    const player = this.#player;
    if (player !== null) {
      this.#from = this.position;
      this.#underruns += player.underruns;
      this.#player = null;
      await player.stop();
    }
  }

  async #feed(player) {
    const { rate } = this.#recording;
    let next = Math.round(this.#from * rate);
    while (player === this.#player) {
      next = Math.max(next, this.#recording.dropped); // samples may have been dropped during a pause
      const piece = this.#recording.slice(next, PIECE * rate);
      if (piece.length > 0) {
        next += piece.length;
        player.add(piece);
        await player.room();
      } else if (this.#recording.complete) {
        await player.finish();
        break;
      } else {
        await this.#recording.grown();
      }
    }
    if (player === this.#player) {
      this.ended = true;
      this.#onChange();
    }
  }
}
