// The latest utterances, which can be replayed without being synthesized again. They are stored only in this tab.

import { seconds } from "./utterances.js";

const MOST = 20;
const MOST_BYTES = 128 * 1024 * 1024; // bytes of audio; the oldest utterances are removed first

const FORMATS = { wav: "WAV", mp3: "MP3", opus: "Opus" };

function button(words, label, action) {
  const element = Object.assign(document.createElement("button"), { type: "button", textContent: words });
  element.setAttribute("aria-label", label);
  element.addEventListener("click", action);
  return element;
}

export class History {
  #list = document.getElementById("utterances");
  #section = document.getElementById("history");
  #kept = []; // newest first
  #actions;

  /** `actions` has the methods `replay(utterance)` and `save(utterance, format)`. */
  constructor(actions) {
    this.#actions = actions;
    document.getElementById("remove-all").addEventListener("click", () => {
      this.#kept = [];
      this.#draw();
      document.getElementById("text").focus();
    });
  }

  /** Adds an utterance for which all or some of the audio has arrived. */
  add(utterance) {
    if (!this.#kept.includes(utterance) && utterance.recording.whole) {
      this.#kept.unshift(utterance);
      this.#drop();
      this.#draw();
    }
  }

  #drop() {
    let bytes = 0;
    this.#kept = this.#kept.slice(0, MOST).filter(({ recording }, index) => {
      bytes += recording.bytes;
      return index === 0 || bytes <= MOST_BYTES;
    });
  }

  #remove(utterance, item) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    this.#kept = this.#kept.filter((other) => other !== utterance);
    item.remove();
    this.#section.hidden = this.#kept.length === 0;
    (next?.querySelector("button") ?? document.getElementById("text")).focus(); // otherwise, the focus would be lost
  }

  #draw() {
    this.#section.hidden = this.#kept.length === 0;
    this.#list.replaceChildren(...this.#kept.map((utterance) => this.#item(utterance)));
  }

  #item(utterance) {
    const { text, voice, choices, recording } = utterance;
    const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    const item = document.createElement("li");
    const words = Object.assign(document.createElement("p"), { className: "words", textContent: text, dir: "auto" });
    const facts = [voice, choices.speaker, choices.speed && `${choices.speed}×`, seconds(recording.seconds)];
    const about = Object.assign(document.createElement("p"), {
      className: "hint",
      textContent: facts.filter(Boolean).join(" · ") + (utterance.partial ? " · incomplete" : ""),
    });
    const buttons = Object.assign(document.createElement("div"), { className: "buttons" });
    buttons.append(
      button("Replay", `Replay: ${short}`, () => this.#actions.replay(utterance)),
      button("Remove", `Remove: ${short}`, () => this.#remove(utterance, item)),
      this.#saving(utterance, short),
    );
    item.append(words, about, buttons);
    return item;
  }

  #saving(utterance, short) {
    const details = Object.assign(document.createElement("details"), { className: "menu" });
    const summary = Object.assign(document.createElement("summary"), { className: "button", textContent: "Save" });
    summary.setAttribute("aria-label", `Save: ${short}`);
    const formats = utterance.partial ? ["wav"] : Object.keys(FORMATS); // a part cannot be synthesized again
    const save = (format) => button(FORMATS[format], `Save as ${FORMATS[format]}: ${short}`, () => this.#actions.save(utterance, format));
    details.append(summary, ...formats.map(save));
    return details;
  }
}
