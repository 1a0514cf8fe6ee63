// The live view of the queue. While it is open and visible, it polls the server and shows a timeline, a summary, two
// charts and a table.

import { askJson, Refused } from "./api.js";
import { Chart } from "./charts.js";
import { ServerClock } from "./clock.js";
import { recall, remember } from "./memory.js";
import { Timeline } from "./timeline.js";
import { inWords, queueWords, seconds, stateOf, summary } from "./utterances.js";

const POLL_PERIOD = 250; // milliseconds
const LONGEST_PERIOD = 8000; // milliseconds; the longest period while the server does not answer

const find = (id) => document.getElementById(id);

export class Activity {
  #clock = new ServerClock();
  #timeline = new Timeline(this.#clock);
  #charts = { waits: new Chart("waits"), first_audio: new Chart("first-audios") };
  #timer = null;
  #polling = false;
  #period = POLL_PERIOD;
  #own = new Set();

  constructor() {
    // The view is open initially if it was open last time in this browser, or if the URL ends with `#activity`.
    const open = () => location.hash === "#activity";
    find("activity").open = open() || recall("activity") === "open";
    find("activity").addEventListener("toggle", () => {
      remember("activity", find("activity").open ? "open" : "closed");
      this.poll();
    });
    window.addEventListener("hashchange", () => (find("activity").open ||= open()));
    document.addEventListener("visibilitychange", () => this.poll());
    find("as-table").addEventListener("toggle", () => this.poll());
    this.poll();
  }

  /** Marks the requests with these numbers as sent by this page. */
  setOwn(numbers) {
    numbers.forEach((number) => this.#own.add(number));
  }

  /** Updates the view for a new state of the server (see `ServerHealth`). */
  setServer(state) {
    if (state === "gone") {
      this.#showSummary("The server is not answering.");
    }
    this.poll();
  }

  /** Shows the numbers of waiting and playing requests from a `health` response while the view is collapsed. */
  showQueue(health) {
    if (!find("activity").open && health.queue !== undefined) {
      this.#showSummary(queueWords(health));
    }
  }

  /** Polls now, and then periodically while the view is visible. */
  poll() {
    clearTimeout(this.#timer);
    if (this.#visible && !this.#polling) {
      this.#fetch();
    }
  }

  get #visible() {
    return !document.hidden && find("activity").open;
  }

  async #fetch() {
    this.#polling = true;
    try {
      const sent = ServerClock.here();
      const picture = await askJson("api/activity");
      this.#clock.update(picture.now, sent);
      this.#draw(picture);
      this.#period = POLL_PERIOD;
    } catch (error) {
      this.#period = Math.min(LONGEST_PERIOD, 2 * this.#period);
      this.#showSummary(error instanceof Refused ? error.message : "The server is not answering. Trying again…");
    }
    this.#polling = false;
    if (this.#visible) {
      this.#timer = setTimeout(() => this.poll(), this.#period);
    }
  }

  #draw(picture) {
    const { utterances } = picture;
    const hidden = this.#timeline.draw(utterances, this.#own);
    const now = this.#clock.now;
    find("empty").hidden = find("rows").childElementCount > 0;
    find("more").hidden = hidden === 0;
    find("more").textContent = `and ${hidden} more`;
    this.#showSummary(picture.status === "draining" ? "The server is shutting down." : summary(utterances, now));
    Object.entries(this.#charts).forEach(([name, chart]) => chart.draw(picture[name]));
    if (find("as-table").open) {
      this.#fillTable(utterances, now);
    }
  }

  #showSummary(words) {
    if (find("summary").textContent !== words) {
      find("summary").textContent = words;
    }
  }

  #fillTable(utterances, now) {
    const since = (from, to) => (to === null ? "–" : seconds(to - from));
    const rows = [...utterances].reverse().map((utterance) => {
      const { number, voice, asked, begun, heard, steps } = utterance;
      const words = inWords(utterance, stateOf(utterance, now), now);
      const cells = [`${number}${this.#own.has(number) ? " (yours)" : ""}`, voice, words, since(asked, begun), since(asked, heard), `${steps.length}`];
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
