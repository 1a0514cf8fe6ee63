// The editor for the lexicon: words that have a custom pronunciation.

import { announce, button, field, make, showProblem } from "./dom.js";
import { Rows } from "./rows.js";
import * as api from "./voices-api.js";
import { languagesOf } from "./voices-filter.js";
import { hear } from "./voices-preview.js";

const SEARCH_DELAY = 250; // milliseconds after the last key
const PERIOD = 3000; // milliseconds between updates of the list while it is open

const folded = (scope) => scope.toLowerCase().replaceAll("_", "-");

/** The list of entries and the form for one entry, in the element `place` inside the <details> element `box`. */
export class LexiconEditor {
  #context;
  #box;
  #voices = [];
  #mayChange = false;
  #editing = null; // the entry that is being changed
  #shown = "";
  #timer = null;
  #search = make("input", { type: "search", maxLength: 100, autocomplete: "off" });
  #searchField = field("Search words", this.#search);
  #count = make("p", { className: "hint", role: "status" });
  #list = make("ul", { className: "rows", "aria-label": "Words" });
  #rows = new Rows(this.#list);
  #faults = make("p", { className: "voice-reason", hidden: true });
  #problem = make("p", { className: "problem", role: "alert", hidden: true });
  #title = make("h4", { textContent: "New word" });
  #word = make("input", { type: "text", maxLength: 200, required: true, autocomplete: "off", spellcheck: false });
  #spoken = make("input", { type: "text", maxLength: 500, required: true, autocomplete: "off", spellcheck: false });
  #scope = make("select");
  #heard = make("p", { className: "hint", role: "status" });
  #cancel = button("Cancel", "", () => this.#edit(null));
  #form;

  constructor(place, box, context) {
    this.#context = context;
    this.#box = box;
    this.#form = this.#makeForm();
    place.append(this.#searchField, this.#count, this.#list, this.#faults);
    box.addEventListener("toggle", () => place.append(this.#form), { once: true }); // most people never open it
    this.#search.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#load(), SEARCH_DELAY);
    });
    box.addEventListener("toggle", () => this.#load());
    setInterval(() => document.hidden || this.#load(), PERIOD);
    this.#edit(null, false);
  }

  /** Sets the voices to which an entry can apply, and whether the user may change entries. */
  show(voices, mayChange) {
    if (this.#mayChange !== mayChange) {
      this.#mayChange = mayChange;
      this.#shown = "";
      this.#load();
    }
    this.#voices = voices.filter((voice) => voice.installed);
    this.#form.hidden = !mayChange;
    this.#showScopes();
  }

  #showScopes() {
    const languages = languagesOf(this.#voices);
    const state = JSON.stringify([languages, this.#voices.map((voice) => voice.name)]);
    if (this.#scope.dataset.state === state) {
      return;
    }
    this.#scope.dataset.state = state;
    const chosen = this.#scope.value;
    const inLanguages = make("optgroup", { label: "A language" });
    inLanguages.append(...languages.map(([code, name]) => new Option(name, folded(code))));
    const inVoices = make("optgroup", { label: "A voice" });
    inVoices.append(...this.#voices.map((voice) => new Option(voice.title, folded(voice.name))));
    this.#scope.replaceChildren(new Option("All voices", ""), inLanguages, inVoices);
    this.#choose(chosen);
  }

  #choose(scope) {
    if (![...this.#scope.options].some((option) => option.value === scope)) {
      this.#scope.append(new Option(scope, scope)); // a language or voice that is currently not installed
    }
    this.#scope.value = scope;
  }

  #scopeName(scope) {
    return [...this.#scope.options].find((option) => option.value === scope)?.textContent ?? scope;
  }

  async #load() {
    if (!this.#box.open) {
      return;
    }
    let found;
    try {
      found = await api.listEntries(this.#search.value.trim());
    } catch {
      return; // the "Voices" panel reports if the server is not answering
    }
    const state = JSON.stringify([found, this.#mayChange]);
    if (state === this.#shown) {
      return;
    }
    this.#shown = state;
    this.#searchField.hidden = found.total < 8 && this.#search.value === "";
    this.#count.textContent = this.#words(found);
    this.#faults.hidden = found.faults.length === 0;
    this.#faults.textContent = found.faults.map((fault) => `lexicon.txt, line ${fault.line}: ${fault.reason}.`).join(" ");
    this.#rows.show(
      found.entries.map((entry) => this.#item(entry)),
      () => this.#word.focus(),
    );
  }

  #words({ total, entries }) {
    if (total === 0) {
      return this.#search.value === "" ? "No word has a pronunciation of its own yet." : "No word matches.";
    }
    return total > entries.length ? `The first ${entries.length} of ${total} words are shown.` : "";
  }

  #item(entry) {
    const scope = entry.scope === "" ? "all voices" : this.#scopeName(entry.scope);
    const content = [entry, scope, this.#mayChange];
    return { key: JSON.stringify([entry.scope, entry.word]), content, make: () => this.#row(entry, scope) };
  }

  #row(entry, scope) {
    const problem = make("p", { className: "problem", role: "alert", hidden: true });
    const heard = make("span", { hidden: true });
    const listen = button("Hear it", entry.word, () => this.#hear(listen, problem, heard, entry), "hear");
    const actions = make("div", { className: "voice-actions" }, listen);
    if (this.#mayChange && !entry.is_fixed) {
      actions.append(
        button("Edit", entry.word, () => this.#edit(entry)),
        button("Remove", entry.word, () => this.#remove(entry, problem)),
      );
    }
    return make(
      "li",
      { className: "voice" },
      make("p", {}, make("strong", { textContent: entry.word }), ` is spoken as `, make("strong", { textContent: entry.spoken })),
      make("p", { className: "hint voice-facts", textContent: `for ${scope}${entry.is_fixed ? " (in a file of the operator)" : ""}` }),
      actions,
      problem,
    );
  }

  #makeForm() {
    const listen = button("Hear it", "the word that you are typing", () => this.#hear(listen, this.#problem, this.#heard, this.#values()), "hear");
    const form = make(
      "form",
      { noValidate: true, className: "editor" },
      this.#title,
      make(
        "div",
        { className: "fields" },
        field("Word", this.#word, "As it is written in texts."),
        field("Spoken as", this.#spoken, "Other words, or phonemes such as /dʒoʊ/."),
        field("For", this.#scope),
      ),
      make("div", { className: "buttons" }, make("button", { type: "submit", textContent: "Save word", className: "primary" }), listen, this.#cancel),
      this.#heard,
      this.#problem,
    );
    form.setAttribute("aria-label", "Word");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    return form;
  }

  #values() {
    return { scope: this.#scope.value, word: this.#word.value.trim(), spoken: this.#spoken.value.trim() };
  }

  #complete({ word, spoken }) {
    if (word === "" || spoken === "") {
      (word === "" ? this.#word : this.#spoken).focus();
      throw new Error("Type a word and its pronunciation.");
    }
  }

  /** Returns the name of a voice that uses entries for `scope`, preferably the default voice, or an empty string if
   * there is none. */
  #voiceFor(scope) {
    const fits = (voice) => {
      const language = folded(voice.language);
      return scope === "" || [folded(voice.name), language, language.split("-")[0]].includes(scope);
    };
    const found = this.#voices.filter(fits);
    return (found.find((voice) => voice.is_default) ?? found[0])?.name ?? "";
  }

  async #hear(listen, problem, heard, entry) {
    showProblem(problem, null);
    heard.textContent = "";
    try {
      this.#complete(entry);
      const lexicon = `${entry.scope === "" ? "" : `[${entry.scope}]\n`}${entry.word} = ${entry.spoken}`;
      const values = { voice: this.#voiceFor(entry.scope), lexicon };
      const playing = hear(listen, entry.word, values);
      const [told] = await Promise.all([api.pronounce({ text: entry.word, ...values }), playing]);
      const phonemes = told.sentences.flatMap((sentence) => sentence.phonemes).join(" ");
      heard.textContent = phonemes === "" ? "" : `Phonemes: ${phonemes}`;
    } catch (error) {
      showProblem(problem, error);
    }
  }

  /** Fills the form with an entry, or clears the form if `entry` is null. */
  #edit(entry, focus = true) {
    this.#editing = entry;
    this.#title.textContent = entry === null ? "New word" : `Change ${entry.word}`;
    this.#cancel.hidden = entry === null;
    showProblem(this.#problem, null);
    this.#heard.textContent = "";
    this.#word.value = entry?.word ?? "";
    this.#spoken.value = entry?.spoken ?? "";
    if (entry !== null) {
      this.#choose(entry.scope);
    }
    if (focus) {
      this.#word.focus();
    }
  }

  async #save() {
    showProblem(this.#problem, null);
    const entry = this.#values();
    try {
      this.#complete(entry);
      const old = this.#editing;
      await api.putEntry(old === null ? entry : { ...entry, instead_of: { scope: old.scope, word: old.word } });
      announce(`${entry.word} was saved.`);
      this.#edit(null);
    } catch (error) {
      showProblem(this.#problem, error);
    }
    await this.#load();
  }

  async #remove(entry, problem) {
    try {
      await api.removeEntry(entry);
      announce(`${entry.word} was removed.`);
      if (this.#editing?.word === entry.word && this.#editing.scope === entry.scope) {
        this.#edit(null, false);
      }
    } catch (error) {
      showProblem(problem, error);
    }
    await this.#load();
  }
}
