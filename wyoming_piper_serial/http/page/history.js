// The latest utterances, which can be replayed without being synthesized again. They are stored only in this tab.

import { button, make } from "./dom.js";
import { Rows } from "./rows.js";
import { seconds } from "./utterances.js";

const MOST = 20;
const MOST_BYTES = 128 * 1024 * 1024; // bytes of audio; the oldest utterances are removed first

const FORMATS = { wav: "WAV", mp3: "MP3", opus: "Opus" };

export class History {
  #text = document.getElementById("text");
  #list = document.getElementById("utterances");
  #rows = new Rows(this.#list);
  #section = document.getElementById("history");
  #kept = []; // newest first
  #actions;

  /** `actions` has the methods `replay(utterance)` and `save(utterance, format)`. */
  constructor(actions) {
    this.#actions = actions;
    document.getElementById("remove-all").addEventListener("click", () => {
      this.#kept = [];
      this.#draw();
      this.#text.focus();
    });
  }

  /** Adds an utterance for which all or some of the audio has arrived, unless the beginning of its recording has been
   * dropped. */
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

  #remove(utterance) {
    const place = this.#kept.indexOf(utterance);
    this.#kept.splice(place, 1);
    this.#draw(place);
  }

  /** Shows the list. If the focused utterance has been removed, moves the focus to the utterance at `place`. If there is
   * none, moves it to the last utterance, or to the text field if the list is empty. */
  #draw(place = 0) {
    const items = this.#kept.map((utterance) => {
      const content = [utterance.partial, utterance.recording.seconds];
      return { key: utterance, content, make: () => this.#item(utterance) };
    });
    this.#rows.show(items, () => {
      const next = this.#list.children[place] ?? this.#list.lastElementChild;
      (next?.querySelector("button") ?? this.#text).focus();
    });
    this.#section.hidden = this.#kept.length === 0; // last, because an element that is hidden loses the focus
  }

  #item(utterance) {
    const { text, voice, choices, recording } = utterance;
    const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    const words = make("p", { className: "words", textContent: text, dir: "auto" });
    const facts = [voice, choices.speaker, choices.speed && `${choices.speed}×`, seconds(recording.seconds)];
    const about = make("p", {
      className: "hint",
      textContent: facts.filter(Boolean).join(" · ") + (utterance.partial ? " · incomplete" : ""),
    });
    const buttons = make(
      "div",
      { className: "buttons" },
      button("Replay", short, () => this.#actions.replay(utterance)),
      button("Remove", short, () => this.#remove(utterance)),
      this.#saving(utterance, short),
    );
    return make("li", {}, words, about, buttons);
  }

  #saving(utterance, short) {
    const formats = utterance.partial ? ["wav"] : Object.keys(FORMATS); // a part cannot be synthesized again
    const save = (format) => {
      const made = button(FORMATS[format], "", () => this.#actions.save(utterance, format));
      made.setAttribute("aria-label", `Save as ${FORMATS[format]}: ${short}`);
      return made;
    };
    const summary = make("summary", { className: "button", textContent: "Save", "aria-label": `Save: ${short}` });
    return make("details", { className: "menu" }, summary, ...formats.map(save));
  }
}
