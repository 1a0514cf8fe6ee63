// The live view of the queue. Polls the server while the page is visible, and shows a timeline, a summary and a table.

import { askJson, Refused } from "./api.js";
import { Chart } from "./charts.js";
import { ServerClock } from "./clock.js";
import { Timeline } from "./timeline.js";
import { inWords, seconds, stateOf, summary } from "./utterances.js";

const POLL_PERIOD = 250; // milliseconds
const LONGEST_PERIOD = 8000; // milliseconds; the longest period while the server does not answer
const ANNOUNCE_PERIOD = 4000; // milliseconds; long enough for a screen reader to finish a sentence

const find = (id) => document.getElementById(id);

export class Activity {
  #clock = new ServerClock();
  #timeline = new Timeline(this.#clock);
  #charts = { waits: new Chart("waits"), first_audio: new Chart("first-audios") };
  #timer = null;
  #polling = false;
  #period = POLL_PERIOD;
  #announcedAt = -Infinity;
  #reachable = null;
  #onReachable;

  /** `onReachable(reachable)` is called after the first poll and when the server starts or stops answering. */
  constructor(onReachable) {
    this.#onReachable = onReachable;
    document.addEventListener("visibilitychange", () => this.poll());
    find("as-table").addEventListener("toggle", () => this.poll());
    this.poll();
  }

  /** Polls now, and then periodically while the page is visible. */
  poll() {
    clearTimeout(this.#timer);
    if (!document.hidden && !this.#polling) {
      this.#fetch();
    }
  }

  async #fetch() {
    this.#polling = true;
    try {
      const sent = ServerClock.here();
      const picture = await askJson("api/activity");
      this.#clock.update(picture.now, sent);
      this.#draw(picture);
      this.#period = POLL_PERIOD;
      this.#setReachable(true);
    } catch (error) {
      this.#period = Math.min(LONGEST_PERIOD, 2 * this.#period);
      this.#setReachable(false);
      this.#showSummary(error instanceof Refused ? error.message : "The server is not answering. Trying again…");
    }
    this.#polling = false;
    if (!document.hidden) {
      this.#timer = setTimeout(() => this.poll(), this.#period);
    }
  }

  #setReachable(reachable) {
    if (this.#reachable !== reachable) {
      this.#reachable = reachable;
      this.#onReachable(reachable);
    }
  }

  #draw(picture) {
    const { utterances } = picture;
    const hidden = this.#timeline.draw(utterances);
    const now = this.#clock.now;
    find("empty").hidden = find("rows").childElementCount > 0;
    find("more").hidden = hidden === 0;
    find("more").textContent = `and ${hidden} more`;
    this.#showSummary(summary(utterances, now));
    Object.entries(this.#charts).forEach(([name, chart]) => chart.draw(picture[name]));
    if (find("as-table").open) {
      this.#fillTable(utterances, now);
    }
  }

  #showSummary(words) {
    if (find("summary").textContent !== words) {
      find("summary").textContent = words;
    }
    if (find("announcement").textContent !== words && performance.now() > this.#announcedAt + ANNOUNCE_PERIOD) {
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
      const cell = Object.assign(document.createElement("td"), { colSpan: 6, textContent: "No recent requests." });
      const row = document.createElement("tr");
      row.append(cell);
      rows.push(row);
    }
    find("table").replaceChildren(...rows);
  }
}
