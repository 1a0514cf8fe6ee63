// The rows of the list of voices. A row keeps its elements when the list changes, so that it does not lose the keyboard
// focus.

import * as api from "./voices-api.js";
import { announce, button, make, showProblem, size } from "./voices-dom.js";
import { hear, hearSample } from "./voices-preview.js";
import { sampleFor } from "./voices-samples.js";

const STATES = { loaded: "in memory", loading: "loading…", ready: "", absent: "not on this machine" };

class Row {
  #voice = null;
  #shown = "";
  #context;
  #title = make("h3", { className: "voice-title" });
  #marks = make("p", { className: "voice-marks" });
  #facts = make("p", { className: "hint voice-facts" });
  #reason = make("p", { className: "voice-reason", hidden: true });
  #bar = make("progress", { max: 100 });
  #barWords = make("span", { className: "hint" });
  #progress = make("div", { className: "voice-progress", hidden: true }, this.#bar, this.#barWords);
  #problem = make("p", { className: "problem", role: "alert", hidden: true });
  #question = make("div", { className: "voice-question", role: "group", hidden: true });
  #actions = make("div", { className: "voice-actions" });
  #buttons = new Map();
  element = make(
    "li",
    { className: "voice" },
    make("div", { className: "voice-head" }, this.#title, this.#marks),
    this.#facts,
    this.#reason,
    this.#progress,
    this.#actions,
    this.#question,
    this.#problem,
  );

  constructor(context) {
    this.#context = context;
  }

  update(voice, mayChange, isDefaultFixed) {
    const before = this.#voice;
    const shown = JSON.stringify([voice, mayChange, isDefaultFixed]);
    if (shown === this.#shown) {
      return;
    }
    this.#shown = shown;
    if (before !== null && before.state !== voice.state) {
      showProblem(this.#problem, null); // the last error and the open question refer to the previous state
      this.#question.hidden = true;
    }
    this.#voice = voice;
    this.element.dataset.name = voice.name;
    this.element.dataset.state = voice.state;
    this.#title.textContent = voice.title;
    this.#showFacts(voice);
    this.#showProgress(voice);
    this.#showActions(voice, mayChange, isDefaultFixed);
    this.#announceEnd(before, voice);
  }

  #showFacts(voice) {
    const isHere = voice.installed || voice.preset !== null;
    const marks = [
      voice.is_default ? ["Default", "mark default"] : null,
      voice.preset !== null ? ["Preset", "mark"] : null,
      !isHere && voice.state === "absent" ? [`Not on disk, ${size(voice.missing)}`, "mark absent"] : null,
      voice.state === "failed" ? ["Cannot be used", "mark failed"] : null,
      voice.state === "loaded" ? ["In memory", "mark"] : null,
    ];
    this.#marks.replaceChildren(
      ...marks
        .filter((mark) => mark !== null)
        .map(([words, className]) => make("span", { textContent: words, className })),
    );
    const facts = [
      voice.preset === null ? voice.name : `${voice.preset.voice}, ${voice.language_name}`,
      voice.missing === 0 && voice.size > 0 && voice.preset === null ? size(voice.size) : "",
      voice.speakers.length > 1 ? `${voice.speakers.length} speakers` : "",
      voice.state === "loading" ? STATES.loading : "",
    ];
    this.#facts.textContent = facts.filter(Boolean).join(" · ");
    this.#reason.hidden = voice.reason === null;
    this.#reason.textContent = voice.reason ?? "";
  }

  #showProgress(voice) {
    const { download } = voice;
    const isRunning = voice.state === "downloading";
    this.#progress.hidden = !isRunning;
    if (!isRunning) {
      return;
    }
    this.#bar.value = download.percent;
    this.#bar.setAttribute("aria-label", `Download of ${voice.title}`);
    this.#barWords.textContent =
      download.state === "waiting"
        ? "waits for another download"
        : `${download.percent} %, ${size(download.received)} of ${size(download.total)}`;
  }

  #showActions(voice, mayChange, isDefaultFixed) {
    const isHere = voice.installed; // also after a timeout, so that the voice can be tried again
    const isPublic = voice.missing > 0;
    const isBegun = voice.missing < voice.size;
    const words = isBegun ? "Continue download" : voice.state === "failed" ? "Download again" : "Download";
    this.#action("hear", isHere, "Hear it", () => this.#hear());
    this.#action("sample", voice.has_sample, "Hear a sample", () => this.#hear());
    this.#action("download", mayChange && isPublic && voice.state !== "downloading", words, () =>
      this.#run(() => api.download(voice.name), `Downloading ${voice.title}.`),
    );
    this.#action("cancel", mayChange && voice.state === "downloading", "Cancel", () =>
      this.#run(() => api.cancelDownload(voice.name), `Download of ${voice.title} cancelled.`),
    );
    this.#action("default", mayChange && isHere && !voice.is_default && !isDefaultFixed, "Make default", () =>
      this.#run(() => api.setDefault(voice.name), `${voice.title} is now the default voice.`),
    );
    this.#action("remove", mayChange && voice.removable && voice.state !== "downloading" && !voice.is_default, "Remove", () => this.#ask());
    this.#actions.hidden = this.#buttons.size === 0;
    if (!this.#buttons.has("remove")) {
      this.#question.hidden = true;
    }
  }

  #action(name, isOffered, words, onClick) {
    const existing = this.#buttons.get(name);
    const hadFocus = existing !== undefined && existing === document.activeElement;
    existing?.remove();
    this.#buttons.delete(name);
    if (isOffered) {
      const made = button(words, this.#voice.title, onClick, ["hear", "sample"].includes(name) ? "hear" : "");
      if (existing?.getAttribute("aria-pressed") === "true") {
        // The button is pressed because its sound is still playing, so it must not be replaced.
        this.#buttons.set(name, existing);
        this.#actions.append(existing);
      } else {
        this.#buttons.set(name, made);
        this.#actions.append(made);
      }
    }
    if (hadFocus) {
      (this.#buttons.get(name) ?? this.#buttons.values().next().value)?.focus();
    }
  }

  async #hear() {
    showProblem(this.#problem, null);
    try {
      const { name, language } = this.#voice;
      const listen = this.#buttons.get("hear");
      await (listen ? hear(listen, sampleFor(language), { voice: name }) : hearSample(this.#buttons.get("sample"), name));
    } catch (error) {
      showProblem(this.#problem, error);
    }
  }

  async #run(change, words) {
    showProblem(this.#problem, null);
    try {
      await change();
      announce(words);
    } catch (error) {
      showProblem(this.#problem, error);
    }
    await this.#context.refresh();
  }

  #ask() {
    const { name, title, missing, size: bytes } = this.#voice;
    const keep = () => {
      this.#question.hidden = true;
      this.#buttons.get("remove")?.focus();
    };
    const yes = button("Yes, remove", title, () => {
      this.#question.hidden = true;
      this.#run(() => api.remove(name), `${title} was removed.`);
    });
    yes.classList.add("danger");
    const no = button("Keep", title, keep);
    const words = bytes > 0 ? ` (${size(bytes)})` : "";
    const what = missing === 0 ? `Remove ${title}${words} from this machine?` : `Remove the partial download of ${title}?`;
    this.#question.setAttribute("aria-label", what);
    this.#question.replaceChildren(make("p", { textContent: what }), yes, no);
    this.#question.onkeydown = (event) => event.key === "Escape" && (event.stopPropagation(), keep());
    this.#question.hidden = false;
    no.focus();
  }

  #announceEnd(before, voice) {
    if (before?.state === "downloading" && voice.installed) {
      announce(`${voice.title} is now on this machine.`);
    } else if (before?.state === "downloading" && voice.state === "failed") {
      announce(`${voice.title}: ${voice.reason}`);
    }
  }
}

/** The list of voices in the element `list`. */
export class VoiceList {
  #list;
  #context;
  #rows = new Map();

  /** `context.refresh()` reloads the voices. */
  constructor(list, context) {
    this.#list = list;
    this.#context = context;
  }

  /** Shows `voices` in the given order. */
  show(voices, mayChange, isDefaultFixed) {
    const names = new Set(voices.map((voice) => voice.name));
    for (const [name, row] of this.#rows) {
      if (!names.has(name)) {
        row.element.remove();
        this.#rows.delete(name);
      }
    }
    let previous = null;
    for (const voice of voices) {
      if (!this.#rows.has(voice.name)) {
        this.#rows.set(voice.name, new Row(this.#context));
      }
      const row = this.#rows.get(voice.name);
      row.update(voice, mayChange, isDefaultFixed);
      const place = previous === null ? this.#list.firstElementChild : previous.nextElementSibling;
      if (place !== row.element) {
        const hadFocus = row.element.contains(document.activeElement) ? document.activeElement : null;
        this.#list.insertBefore(row.element, place);
        hadFocus?.focus();
      }
      previous = row.element;
    }
  }
}
