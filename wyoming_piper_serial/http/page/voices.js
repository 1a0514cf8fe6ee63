// The "Voices" panel, which reloads the voices periodically and shows them in its sections.

import { Unreachable } from "./api.js";
import { LexiconEditor } from "./lexicon.js";
import { currentToken, keepToken } from "./memory.js";
import { Presets } from "./presets.js";
import { listVoices, rights } from "./voices-api.js";
import { announce, field, make, showProblem, size } from "./dom.js";
import { languagesOf, matching, qualitiesOf } from "./voices-filter.js";
import { VoiceList } from "./voices-list.js";
import { Uploads } from "./voices-upload.js";

const PERIOD = 3000; // milliseconds between two requests for the voices
const BUSY_PERIOD = 700; // the same while a voice is being downloaded or loaded

const find = (id) => document.getElementById(`voices-${id}`);

class Panel {
  #voices = [];
  #allowed = { may_change: false, reason: null, code: null, max_upload: 0, is_default_fixed: false };
  #askedWith = null; // the token with which the rights were requested
  #timer = null;
  #refreshing = null;
  #list;
  #presets;
  #lexicon;
  #tokenForm = this.#makeTokenForm();

  constructor() {
    const context = {
      refresh: () => this.refresh(),
      maxUpload: () => this.#allowed.max_upload,
      moveFocus: () => find("search").focus(),
    };
    this.#list = new VoiceList(find("list"), context);
    this.#presets = new Presets(find("presets"), find("presets-box"), context);
    this.#lexicon = new LexiconEditor(find("lexicon"), find("lexicon-box"), context);
    new Uploads(find("upload"), context);
    for (const id of ["search", "language", "quality", "where"]) {
      find(id).addEventListener("input", () => this.#show());
    }
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
    this.refresh();
  }

  /** Reloads the voices now. Concurrent calls share one request. */
  async refresh() {
    clearTimeout(this.#timer);
    this.#refreshing ??= this.#load();
    await this.#refreshing;
  }

  async #load() {
    try {
      if (this.#askedWith !== currentToken() || this.#voices.length === 0) {
        const token = currentToken();
        this.#allowed = await rights();
        this.#askedWith = token;
      }
      const { voices } = await listVoices();
      showProblem(find("problem"), null);
      if (voices !== this.#voices) {
        this.#voices = voices;
        document.dispatchEvent(new CustomEvent("voices-changed"));
      }
      this.#show();
    } catch (error) {
      showProblem(find("problem"), error instanceof Unreachable ? new Error("The list is not up to date: the server is not answering.") : error);
    } finally {
      this.#refreshing = null;
      this.#schedule();
    }
  }

  #schedule() {
    const isBusy = this.#voices.some((voice) => voice.state === "downloading" || voice.state === "loading");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (document.hidden ? this.#schedule() : this.refresh()), isBusy ? BUSY_PERIOD : PERIOD);
  }

  #show() {
    const { may_change: mayChange, is_default_fixed: isDefaultFixed } = this.#allowed;
    this.#showRights();
    this.#showFilters();
    const chosen = Object.fromEntries(["search", "language", "quality", "where"].map((id) => [id, find(id).value]));
    const shown = matching(this.#voices, chosen);
    this.#list.show(shown, mayChange, isDefaultFixed);
    find("none").hidden = shown.length > 0 || this.#voices.length === 0;
    const here = this.#voices.filter((voice) => voice.installed && voice.preset === null);
    const bytes = here.reduce((sum, voice) => sum + voice.size, 0);
    const all = this.#voices.filter((voice) => voice.preset === null).length;
    find("summary").textContent = `${here.length} on this machine (${size(bytes)}), ${all} in all`;
    if (find("shown").textContent !== `${shown.length} shown`) {
      find("shown").textContent = `${shown.length} shown`;
    }
    this.#presets.show(this.#voices, mayChange);
    this.#lexicon.show(this.#voices, mayChange);
  }

  #showRights() {
    const { may_change: mayChange, reason, code } = this.#allowed;
    const needsToken = code === "unauthorized";
    find("rights").hidden = mayChange;
    find("rights").textContent = needsToken
      ? currentToken()
        ? "The server did not accept this token. You can listen, but not change anything."
        : "To change voices, enter the token of this server."
      : (reason ?? "");
    find("upload-box").hidden = !mayChange;
    if (needsToken && !this.#tokenForm.isConnected) {
      find("rights").after(this.#tokenForm);
    } else if (!needsToken && this.#tokenForm.isConnected) {
      const hadFocus = this.#tokenForm.contains(document.activeElement);
      this.#tokenForm.remove();
      if (hadFocus) {
        find("search").focus();
      }
      announce("The token was accepted.");
    }
  }

  #makeTokenForm() {
    const token = make("input", { type: "password", autocomplete: "off", spellcheck: false });
    const use = make("button", { type: "submit", textContent: "Use token" });
    const form = make("form", { className: "voices-token", noValidate: true }, field("Token to change voices", token), use);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      keepToken(token.value.trim());
      this.refresh();
    });
    return form;
  }

  #showFilters() {
    fill(find("language"), "All languages", languagesOf(this.#voices));
    fill(find("quality"), "All qualities", qualitiesOf(this.#voices).map((quality) => [quality, quality]));
  }
}

/** Sets the options of a <select>, and keeps the current choice. */
function fill(select, all, choices) {
  const state = JSON.stringify(choices);
  if (select.dataset.state === state) {
    return;
  }
  select.dataset.state = state;
  const chosen = select.value;
  select.replaceChildren(new Option(all, ""), ...choices.map(([value, words]) => new Option(words, value)));
  select.value = choices.some(([value]) => value === chosen) ? chosen : "";
}

new Panel();
