// The live picture of the queue: asked for while somebody looks, drawn, told in words and as a table.

import { askJson, Refused } from "./api.js";
import { Chart } from "./charts.js";
import { ServerClock } from "./clock.js";
import { Timeline } from "./timeline.js";
import { inWords, seconds, stateOf, summary } from "./utterances.js";

const EVERY = 250; // milliseconds
const SLOWEST = 8000; // while the server is away
const ANNOUNCE = 4000; // a screen reader should get to the end of a sentence

const find = (id) => document.getElementById(id);

export class Activity {
  #clock = new ServerClock();
  #timeline = new Timeline(this.#clock);
  #charts = { waits: new Chart("waits"), first_audio: new Chart("first-audios") };
  #timer = null;
  #asking = false;
  #pause = EVERY;
  #announcedAt = -Infinity;
  #well = null;
  #onAnswer;

  /** `onAnswer(well)` is called when the server begins or ceases to answer. */
  constructor(onAnswer) {
    this.#onAnswer = onAnswer;
    document.addEventListener("visibilitychange", () => this.look());
    find("as-table").addEventListener("toggle", () => this.look());
    this.look();
  }

  /** Asks now, and then again and again as long as the page is visible. */
  look() {
    clearTimeout(this.#timer);
    if (!document.hidden && !this.#asking) {
      this.#ask();
    }
  }

  async #ask() {
    this.#asking = true;
    try {
      const asked = ServerClock.here();
      const picture = await askJson("api/activity");
      this.#clock.tell(picture.now, asked);
      this.#draw(picture);
      this.#pause = EVERY;
      this.#answered(true);
    } catch (error) {
      this.#pause = Math.min(SLOWEST, 2 * this.#pause);
      this.#answered(false);
      this.#say(error instanceof Refused ? error.message : "The server is not answering. Trying again…");
    }
    this.#asking = false;
    if (!document.hidden) {
      this.#timer = setTimeout(() => this.look(), this.#pause);
    }
  }

  #answered(well) {
    if (this.#well !== well) {
      this.#well = well;
      this.#onAnswer(well);
    }
  }

  #draw(picture) {
    const { utterances } = picture;
    const left = this.#timeline.draw(utterances);
    const now = this.#clock.now;
    find("empty").hidden = find("rows").childElementCount > 0;
    find("more").hidden = left === 0;
    find("more").textContent = `and ${left} more`;
    this.#say(summary(utterances, now));
    Object.entries(this.#charts).forEach(([name, chart]) => chart.draw(picture[name]));
    if (find("as-table").open) {
      this.#fillTable(utterances, now);
    }
  }

  #say(words) {
    if (find("summary").textContent !== words) {
      find("summary").textContent = words;
    }
    if (find("announcement").textContent !== words && performance.now() > this.#announcedAt + ANNOUNCE) {
      find("announcement").textContent = words;
      this.#announcedAt = performance.now();
    }
  }

  #fillTable(utterances, now) {
    const since = (from, to) => (to === null ? "–" : seconds(to - from));
    const rows = [...utterances].reverse().map((utterance) => {
      const { number, voice, asked, begun, heard, steps } = utterance;
      const words = inWords(utterance, stateOf(utterance, now), now);
      const cells = [`${number}`, voice, words, since(asked, begun), since(asked, heard), `${steps.length}`];
      const row = document.createElement("tr");
      row.append(...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
      return row;
    });
    if (rows.length === 0) {
      const cell = Object.assign(document.createElement("td"), { colSpan: 6, textContent: "Nobody has spoken lately." });
      const row = document.createElement("tr");
      row.append(cell);
      rows.push(row);
    }
    find("table").replaceChildren(...rows);
  }
}
