// The waveform of a recording, with a slider for the playback position.

import { clock } from "./words.js";

const BARS = 60;
const HEIGHT = 48; // height in SVG units

export class Waveform {
  #slider = document.getElementById("position");
  #heard = document.getElementById("heard-area");
  #drawn = null;

  /** `onSeek(seconds)` is called when the user moves the slider. */
  constructor(onSeek) {
    this.#slider.addEventListener("input", () => onSeek(Number(this.#slider.value)));
  }

  /** Draws the recording. The first `position` seconds are shown as played. */
  draw(recording, position) {
    const { seconds } = recording;
    if (this.#drawn?.recording !== recording || this.#drawn.length !== recording.length) {
      this.#drawn = { recording, length: recording.length };
      this.#drawBars(recording.length === 0 ? Array(BARS).fill(0) : recording.levels(BARS));
      this.#slider.max = seconds.toFixed(1);
    }
    this.#heard.setAttribute("width", seconds === 0 ? 0 : BARS * Math.min(1, position / seconds));
    this.#slider.value = position.toFixed(1);
    this.#slider.setAttribute("aria-valuetext", `${Math.round(position)} of ${Math.round(seconds)} seconds`);
    const more = recording.complete ? "" : "…";
    document.getElementById("time").textContent = `${clock(position)} / ${clock(seconds)}${more}`;
  }

  #drawBars(levels) {
    const bar = (level, index) => {
      const half = Math.max(1, (level * HEIGHT) / 2);
      return `M${index + 0.5} ${(HEIGHT / 2 - half).toFixed(1)}V${(HEIGHT / 2 + half).toFixed(1)}`;
    };
    const path = levels.map(bar).join("");
    document.querySelectorAll("#wave .bars").forEach((bars) => bars.setAttribute("d", path));
  }
}
