// Shows requests as bars on a timeline that moves to the left, past a fixed line for the present time.

import { heardUntil, inWords, overAt, stateOf } from "./utterances.js";

const MOVE_PERIOD = 125; // milliseconds between two movements of the timeline
const SVG = "http://www.w3.org/2000/svg";
const PAST = 30; // seconds shown to the left of the present
const FUTURE = 10; // seconds shown to the right
const MAX_ROWS = 40; // further requests are only counted
const TOP = 24; // height in pixels of the scale above the first row
const ROOMY = { height: 44, text: 12, bar: 18, thick: 13, step: 34, stepThick: 5 };
const DENSE = { height: 23, text: 11, bar: 2, thick: 13, step: 16, stepThick: 4 }; // with more than a dozen rows

function make(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  element.append(...children);
  return element;
}

const block = (x, y, width, height) => `M${x.toFixed(2)} ${y}h${width.toFixed(2)}v${height}h${(-width).toFixed(2)}z`;

const cross = (x, y, size) => `M${x - size} ${y - size}l${2 * size} ${2 * size}M${x + size} ${y - size}l${-2 * size} ${2 * size}`;

/** The row of one utterance: its name, its bar, its model runs and its state. */
class Row {
  #name = make("text", { class: "name", x: 0 });
  #words = make("text", { class: "words", "text-anchor": "end" });
  #wait = make("path", { class: "wait", fill: "url(#stripes)" });
  #begin = make("path", { class: "begin" });
  #play = make("path", { class: "play" });
  #steps = make("path", { class: "step" });
  #end = make("path", { class: "cross" });
  #veil = make("path", { class: "veil" });
  #now = make("path", { class: "now-line" }); // drawn on top of the bars, but below the words

  constructor(number) {
    const open = make("g", { "clip-path": "url(#past)" }, make("g", { class: "moving" }, this.#wait, this.#begin));
    const moving = make("g", { class: "moving" }, this.#play, this.#steps, this.#end);
    const still = [this.#veil, this.#now, this.#name, this.#words];
    this.element = make("g", { class: "row", "data-number": number }, open, moving, ...still);
  }

  draw(utterance, index, scale, now, own) {
    const { lines } = scale;
    const state = stateOf(utterance, now);
    this.element.dataset.state = state;
    this.element.classList.toggle("own", own);
    this.element.style.transform = `translateY(${TOP + index * lines.height}px)`;
    this.#drawText(utterance, inWords(utterance, state, now), scale, own);
    this.#drawTimes(utterance, state, scale);
    const { ended } = utterance;
    const gone = state === "cancelled" || state === "failed";
    this.#end.setAttribute("d", gone ? cross(scale.at(ended), lines.bar + lines.thick / 2, 4) : "");
    this.#now.setAttribute("d", `M${scale.nowX} ${lines.bar - 2}V${lines.step + lines.stepThick}`);
    this.#end.setAttribute("class", state === "failed" ? "cross failed" : "cross");
    this.#veil.setAttribute("d", block(scale.nowX, lines.bar - 1, scale.width - scale.nowX, lines.height - lines.bar));
  }

  #drawText({ number, voice }, words, { width, lines }, own) {
    const short = width < 480 ? voice.split("-")[1] ?? voice : voice;
    const dense = lines === DENSE;
    this.#name.textContent = `${number}${dense ? "" : `  ${short}`}${own ? "  ◂ yours" : ""}`;
    this.#words.textContent = words;
    this.#words.setAttribute("x", width);
    [this.#name, this.#words].forEach((text) => text.setAttribute("y", lines.text));
    this.element.classList.toggle("dense", dense);
  }

  #drawTimes(utterance, state, { at, lines, now, oldest }) {
    const { asked, begun, heard, ended } = utterance;
    const bar = (from, to) => {
      const begin = Math.max(from, oldest);
      return to > begin ? block(at(begin), lines.bar, Math.max(1, at(to) - at(begin)), lines.thick) : "";
    };
    // An interval that has not ended is drawn into the future, and clipped at the line for the present.
    const going = ended ?? now + 60;
    this.#wait.setAttribute("d", bar(asked, begun ?? going));
    this.#begin.setAttribute("d", begun === null ? "" : bar(begun, heard ?? going));
    this.#play.setAttribute("d", heard === null ? "" : bar(heard, heardUntil(utterance)));
    const gone = { cancelled: "gone", failed: "gone failed" }[state];
    this.#play.setAttribute("class", gone ?? (state === "done" ? "play over" : "play"));
    this.#play.setAttribute("fill", gone ? "url(#dots)" : "");
    const steps = utterance.steps.filter(([from]) => from > oldest);
    const step = ([from, took]) => block(at(from), lines.step, Math.max(1.5, at(from + took) - at(from)), lines.stepThick);
    this.#steps.setAttribute("d", steps.map(step).join(""));
  }
}

export class Timeline {
  #svg = document.getElementById("lines");
  #holder = document.getElementById("rows");
  #rows = new Map();
  #clock;
  #drawn = [];
  #own = new Set();
  #drawnAt = 0;
  #perSecond = 1;
  #calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  #moving = false;

  constructor(clock) {
    this.#clock = clock;
    this.#calm.addEventListener("change", () => this.#move());
    new ResizeObserver(() => {
      this.#drawScale();
      this.draw(this.#drawn);
    }).observe(this.#svg.parentElement);
    this.#drawScale();
  }

  /** Draws the utterances in the visible period, and highlights those whose numbers are in `own`. Returns the number of
   * utterances without a row. */
  draw(utterances, own = this.#own) {
    const now = this.#clock.now;
    const all = utterances.filter((utterance) => overAt(utterance) > now - PAST);
    const shown = this.#choose(all, now);
    const width = this.#svg.parentElement.clientWidth;
    const lines = shown.length > 12 ? DENSE : ROOMY;
    const at = (time) => (time - now) * this.#perSecond + this.#nowX;
    const scale = { at, width, lines, now, nowX: this.#nowX, oldest: now - PAST - 5 };

    const numbers = new Set(shown.map(({ number }) => number));
    this.#rows.forEach((row, number) => {
      if (!numbers.has(number)) {
        row.element.remove();
        this.#rows.delete(number);
      }
    });
    shown.forEach((utterance, index) => {
      if (!this.#rows.has(utterance.number)) {
        this.#rows.set(utterance.number, new Row(utterance.number));
        this.#holder.append(this.#rows.get(utterance.number).element);
      }
      this.#rows.get(utterance.number).draw(utterance, index, scale, now, own.has(utterance.number));
    });
    this.#svg.parentElement.style.height = `${TOP + shown.length * lines.height + 4}px`;
    this.#drawn = utterances;
    this.#own = own;
    this.#drawnAt = now;
    this.#shift();
    this.#move();
    return all.length - shown.length;
  }

  get #nowX() {
    return PAST * this.#perSecond;
  }

  #choose(all, now) {
    const alive = all.filter((utterance) => overAt(utterance) > now).slice(0, MAX_ROWS);
    const over = all.filter((utterance) => overAt(utterance) <= now);
    const room = MAX_ROWS - alive.length;
    return [...(room > 0 ? over.slice(-room) : []), ...alive].sort((one, other) => one.number - other.number);
  }

  #drawScale() {
    const width = this.#svg.parentElement.clientWidth;
    this.#perSecond = width / (PAST + FUTURE);
    document.getElementById("past-area").setAttribute("width", this.#nowX);
    document.getElementById("now-line").setAttribute("d", `M${this.#nowX} ${TOP - 6}V4000`);
    const grid = document.getElementById("grid");
    grid.replaceChildren();
    for (let second = -PAST; second <= FUTURE; second += 10) {
      const x = (second + PAST) * this.#perSecond;
      const anchor = { [-PAST]: "start", [FUTURE]: "end" }[second] ?? "middle";
      const label = make("text", { x, y: 11, "text-anchor": anchor });
      label.textContent = second === 0 ? "now" : `${second < 0 ? "−" : "+"}${Math.abs(second)} s`;
      grid.append(make("path", { d: `M${x} ${TOP - 6}V4000` }), label);
    }
  }

  /** Moves the timeline a few times per second. Moving it in every frame would take half a CPU core on a small machine,
   * where the voice needs the CPU. With `prefers-reduced-motion`, it moves only when a response is drawn. */
  #move() {
    if (this.#moving || this.#calm.matches) {
      return;
    }
    this.#moving = true;
    const frame = () => {
      this.#shift();
      this.#moving = !this.#calm.matches && this.#rows.size > 0;
      if (this.#moving) {
        setTimeout(() => requestAnimationFrame(frame), MOVE_PERIOD);
      }
    };
    requestAnimationFrame(frame);
  }

  #shift() {
    const pixels = (this.#drawnAt - this.#clock.now) * this.#perSecond;
    this.#svg.style.setProperty("--shift", `${pixels.toFixed(2)}px`);
  }
}
