// Polls the health of the server while the page is visible, and shows a notice if the server is unreachable or shutting
// down, or if its voice does not work.

const PERIOD = 5000; // milliseconds
const SOON = 1000; // milliseconds; the first period while the server does not answer

const NOTICES = {
  gone: "The server is not answering. This page retries automatically.",
  draining: "The server is shutting down. It completes accepted requests, but accepts no new ones.",
};
const WORDS = { ok: "ready", loading: "loading the voice", draining: "shutting down", hung: "not working", gone: "not answering" };

const find = (id) => document.getElementById(id);

export class ServerHealth {
  state = null; // ok, loading, draining, hung or gone; null before the first answer
  #timer = null;
  #asking = false;
  #period = SOON;
  #onChange;

  /** `onChange(state, health)` is called after each poll, even if the server has not answered. */
  constructor(onChange) {
    this.#onChange = onChange;
    document.addEventListener("visibilitychange", () => this.ask());
    this.ask();
  }

  /** Polls now, and then periodically while the page is visible. */
  async ask() {
    clearTimeout(this.#timer);
    if (document.hidden || this.#asking) {
      return;
    }
    this.#asking = true;
    let health = {};
    try {
      const response = await fetch("health", { cache: "no-store", signal: AbortSignal.timeout(5000) });
      health = await response.json();
    } catch {
      // an empty `health` means that there was no answer
    }
    this.#asking = false;
    this.#show(health.status in WORDS ? health.status : "gone", health);
    this.#period = this.state === "gone" ? Math.min(PERIOD, 2 * this.#period) : PERIOD;
    if (!document.hidden) {
      this.#timer = setTimeout(() => this.ask(), this.#period);
    }
  }

  #show(state, health) {
    if (state === "gone" && this.state !== "gone") {
      this.#period = SOON / 2;
    }
    this.state = state;
    find("server").dataset.ready = state === "ok" ? "yes" : "no";
    find("server-words").textContent = WORDS[state];
    const notice = state === "hung" ? `The voice does not work: ${health.trouble}.` : NOTICES[state] ?? "";
    find("notice").hidden = notice === "";
    find("notice").textContent = notice;
    if (health.version) {
      find("version").textContent = `wyoming_piper_serial ${health.version}`;
    }
    this.#onChange(state, health);
  }
}
