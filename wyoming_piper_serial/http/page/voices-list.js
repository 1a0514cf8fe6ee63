// The rows of the list of voices. A row keeps its elements when the list changes, so that it does not lose the keyboard
// focus.

import { announce, button, label, make, showProblem, size } from "./dom.js";
import { arrange } from "./rows.js";
import * as api from "./voices-api.js";
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
      showProblem(this.#problem, null); // the last error refers to the previous state
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
    const isDownloading = voice.state === "downloading";
    const offered = [
      ["hear", isHere, "Hear it"],
      ["sample", voice.has_sample, "Hear a sample"],
      ["download", mayChange && isPublic && !isDownloading, words],
      ["cancel", mayChange && isDownloading, "Cancel"],
      ["default", mayChange && isHere && !voice.is_default && !isDefaultFixed, "Make default"],
      ["remove", mayChange && voice.removable && !isDownloading && !voice.is_default, "Remove"],
    ].filter(([, isOffered]) => isOffered);
    const shown = offered.map(([name, , label]) => this.#button(name, label));
    const lostFocus = arrange(this.#actions, shown);
    this.#actions.hidden = shown.length === 0;
    if (!shown.includes(this.#buttons.get("remove"))) {
      this.#closeQuestion(shown[0]);
    }
    if (lostFocus) {
      shown[0]?.focus();
    }
  }

  #button(name, words) {
    if (!this.#buttons.has(name)) {
      const [onClick, className] = this.#effects[name];
      this.#buttons.set(name, button("", "", onClick, className));
    }
    const shown = this.#buttons.get(name);
    label(shown, words, this.#voice.title);
    return shown;
  }

  #effects = {
    hear: [() => this.#hear(), "hear"],
    sample: [() => this.#hear(), "hear"],
    download: [() => this.#run(api.download, (title) => `Downloading ${title}.`), ""],
    cancel: [() => this.#run(api.cancelDownload, (title) => `Download of ${title} cancelled.`), ""],
    default: [() => this.#run(api.setDefault, (title) => `${title} is now the default voice.`), ""],
    remove: [() => this.#ask(), ""],
  };

  async #hear() {
    showProblem(this.#problem, null);
    try {
      const { name, language } = this.#voice;
      const isHere = this.#voice.installed;
      await (isHere
        ? hear(this.#buttons.get("hear"), sampleFor(language), { voice: name })
        : hearSample(this.#buttons.get("sample"), name));
    } catch (error) {
      showProblem(this.#problem, error);
    }
  }

  async #run(change, news) {
    const { name, title } = this.#voice;
    showProblem(this.#problem, null);
    try {
      await change(name);
      announce(news(title));
    } catch (error) {
      showProblem(this.#problem, error);
    }
    await this.#context.refresh();
  }

  #ask() {
    const { title, missing, size: bytes } = this.#voice;
    const keep = () => this.#closeQuestion(this.#buttons.get("remove"));
    const yes = button("Yes, remove", title, () => {
      keep();
      this.#run(api.remove, (removed) => `${removed} was removed.`);
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

  /** Hides the question about removing the voice. If it has the keyboard focus, `next` gets the focus. */
  #closeQuestion(next) {
    const hadFocus = this.#question.contains(document.activeElement);
    this.#question.hidden = true;
    if (hadFocus) {
      next?.focus();
    }
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

  /** `context.refresh()` reloads the voices. `context.moveFocus()` is called when the row with the keyboard focus has been
   * removed. */
  constructor(list, context) {
    this.#list = list;
    this.#context = context;
  }

  /** Shows `voices` in the given order. */
  show(voices, mayChange, isDefaultFixed) {
    const rows = voices.map((voice) => [voice.name, this.#rows.get(voice.name) ?? new Row(this.#context)]);
    this.#rows = new Map(rows);
    voices.forEach((voice) => this.#rows.get(voice.name).update(voice, mayChange, isDefaultFixed));
    if (arrange(this.#list, rows.map(([, row]) => row.element))) {
      this.#context.moveFocus();
    }
  }
}
