// Histograms of durations (in seconds) since the server started.

import { seconds } from "./utterances.js";

const SVG = "http://www.w3.org/2000/svg";
const MIN_BARS = 8; // fewer bars would be too wide to read as a histogram
const HEIGHT = 96;
const LABELS = 18; // height in pixels of the scale below the bars

const requests = (count) => (count === 1 ? "1 request" : `${count} requests`);

const short = (value) => (value < 1 ? `${Math.round(value * 1000)} ms` : seconds(value).replace(".0", ""));

/** Returns the quantile for `share` (0 to 1), interpolated within a bar of the histogram, or Infinity if the quantile
 * is beyond the last bound. */
export function quantile({ bounds, counts }, share) {
  let left = share * counts.reduce((sum, count) => sum + count, 0);
  for (const [index, bound] of bounds.entries()) {
    if (counts[index] > 0 && left <= counts[index]) {
      const below = index > 0 ? bounds[index - 1] : 0;
      return below + ((bound - below) * left) / counts[index];
    }
    left -= counts[index];
  }
  return Infinity;
}

function describe(histogram, total) {
  const last = histogram.bounds.at(-1);
  const textOf = (share) => {
    const value = quantile(histogram, share);
    return value === Infinity ? `more than ${short(last)}` : short(value);
  };
  return `Median ${textOf(0.5)}, 95th percentile ${textOf(0.95)}; ${requests(total)}.`;
}

/** Returns the indexes of the first and the last bar to draw, which leave out most empty bars at both ends. */
function extent(counts) {
  let first = counts.findIndex((count) => count > 0);
  let last = counts.findLastIndex((count) => count > 0);
  first = Math.max(0, first - 1);
  last = Math.min(counts.length - 1, Math.max(last + 1, first + MIN_BARS - 1));
  return [Math.max(0, Math.min(first, last - MIN_BARS + 1)), last];
}

function make(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  if (text !== undefined) {
    element.textContent = text;
  }
  return element;
}

function bars({ bounds, counts }, width) {
  const [first, last] = extent(counts);
  const step = width / (last - first + 1);
  const tallest = Math.max(...counts);
  const floor = HEIGHT - LABELS;
  const drawn = [make("path", { class: "floor", d: `M0 ${floor + 0.5}H${width}` })];
  const every = Math.ceil(48 / step); // number of bars per label, so that labels do not overlap
  for (let index = first; index <= last; index += 1) {
    const x = (index - first) * step;
    const height = counts[index] > 0 ? Math.max(2, (counts[index] / tallest) * (floor - 4)) : 0;
    const range = index < bounds.length ? `up to ${short(bounds[index])}` : `more than ${short(bounds.at(-1))}`;
    const bar = make("rect", { class: "bar", x: x + 1.5, y: floor - height, width: Math.max(1, step - 3), height, rx: 2 });
    bar.append(make("title", {}, `${requests(counts[index])}: ${range}`));
    drawn.push(bar);
    // The label is centred on the right edge of the bar, which stands for the bound.
    if ((index - first) % every === 0 && index < last && index < bounds.length) {
      drawn.push(make("text", { x: x + step, y: HEIGHT - 4, "text-anchor": "middle" }, short(bounds[index])));
    }
  }
  return drawn;
}

/** A histogram in the <figure> element with the given `id`. */
export class Chart {
  #figure;
  #drawn = "";

  constructor(id) {
    this.#figure = document.getElementById(id);
  }

  draw(histogram) {
    const svg = this.#figure.querySelector("svg");
    const width = this.#figure.clientWidth;
    const state = JSON.stringify([width, histogram]);
    const total = histogram.counts.reduce((sum, count) => sum + count, 0);
    if (state === this.#drawn || total === 0) {
      return;
    }
    this.#drawn = state;
    const words = describe(histogram, total);
    svg.setAttribute("width", width);
    svg.setAttribute("aria-label", words);
    svg.replaceChildren(...bars(histogram, width));
    this.#figure.querySelector(".quantiles").textContent = words;
  }
}
