// The form: the text, the voice, the speaker and the speed. Their values survive a reload.

import { askJson } from "./api.js";
import { recall, recallHere, remember, rememberHere } from "./memory.js";
import { countWords } from "./words.js";

const SPEEDS = [0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 3, 4];

const find = (id) => document.getElementById(id);

function languageName(code) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(code.replace("_", "-"));
  } catch {
    return code;
  }
}

export class Form {
  #voices = new Map();
  #wanted = {}; // values from the link that opened the page, until the list of voices is loaded

  /** `wanted` contains the values from the link: `text`, `voice`, `speaker` and `speed`, all optional. They take
   * precedence over the values that the browser remembers. */
  constructor(wanted) {
    this.#wanted = wanted;
    const text = wanted.text ?? recallHere("text");
    if (text !== null) {
      find("text").value = text;
    }
    const speed = wanted.speed ?? SPEEDS[recall("speed")];
    if (speed !== undefined) {
      const distance = (one) => Math.abs(Math.log(one / speed));
      find("speed").value = SPEEDS.reduce((best, one, index) => (distance(one) < distance(SPEEDS[best]) ? index : best), 0);
    }
    this.#listen();
    this.#showCount();
    this.#showSpeed();
  }

  get text() {
    return find("text").value.trim();
  }

  get rate() {
    return this.#voices.get(find("voice").value)?.sample_rate ?? 22050;
  }

  get voiceTitle() {
    return this.#voices.get(find("voice").value)?.title;
  }

  /** The parameters of a speech request. The speed is omitted if it is 1, and the speaker if the voice has only one. */
  get choices() {
    const speed = SPEEDS[Number(find("speed").value)];
    return {
      ...(find("voice").value && { voice: find("voice").value }),
      ...(!find("speaker-field").hidden && { speaker: find("speaker").value }),
      ...(speed !== 1 && { speed }),
    };
  }

  get loaded() {
    return this.#voices.size > 0;
  }

  /** Loads the list of voices. Throws Refused or Unreachable, or, after selecting another voice, an Error if
   * the voice in the link does not exist. */
  async load() {
    const { voices, default: standard } = await askJson("api/voices");
    this.#voices = new Map(voices.map((voice) => [voice.name, voice]));
    const groups = new Map();
    for (const voice of voices) {
      const language = languageName(voice.language);
      if (!groups.has(language)) {
        groups.set(language, Object.assign(document.createElement("optgroup"), { label: language }));
      }
      const isUnusable = voice.state === "failed" && !voice.installed && voice.missing === 0;
      const option = new Option(isUnusable ? `${voice.title}, cannot be used` : voice.title, voice.name);
      option.title = voice.description ?? "";
      groups.get(language).append(option);
    }
    const chosen = this.loaded && find("voice").value;
    find("voice").replaceChildren(...groups.values());
    const { voice: wanted, speaker } = this.#wanted;
    this.#wanted = {};
    const found = wanted && (this.#find(wanted) ?? null);
    const candidates = [found, chosen, recall("voice"), standard];
    find("voice").value = candidates.find((name) => this.#voices.has(name)) ?? voices[0]?.name ?? "";
    this.#showSpeakers(speaker);
    if (found === null) {
      throw new Error(`This server has no voice ${wanted}. Another one is selected.`);
    }
  }

  /** Returns `name` if it is the name of a voice. Otherwise, returns the name of the first voice for the language
   * `name`, or undefined if there is none. */
  #find(name) {
    const language = (voice) => `${voice.language}_`.toLowerCase().startsWith(`${name.toLowerCase().replace("-", "_")}_`);
    return this.#voices.has(name) ? name : [...this.#voices.values()].find(language)?.name;
  }

  #listen() {
    find("text").addEventListener("input", () => {
      rememberHere("text", find("text").value);
      this.#showCount();
    });
    find("voice").addEventListener("change", () => {
      remember("voice", find("voice").value);
      this.#showSpeakers();
    });
    find("speaker").addEventListener("change", () => remember("speaker", find("speaker").value));
    find("speed").addEventListener("input", () => {
      remember("speed", find("speed").value);
      this.#showSpeed();
    });
  }

  #showCount() {
    find("count").textContent = countWords(find("text").value);
  }

  #showSpeed() {
    const speed = SPEEDS[Number(find("speed").value)];
    find("speed-words").textContent = `${speed}×`;
    find("speed").setAttribute("aria-valuetext", `${speed} times`);
  }

  #showSpeakers(wanted) {
    const { speakers = [] } = this.#voices.get(find("voice").value) ?? {};
    find("speaker-field").hidden = speakers.length < 2;
    find("speaker").replaceChildren(...speakers.map((name) => new Option(name, name)));
    const last = [wanted, recall("speaker")].find((name) => speakers.includes(name));
    if (last) {
      find("speaker").value = last;
    }
  }
}
