// The editor for presets. A preset is an extra name for a voice, with its own synthesis settings.

import { announce, button, field, make, showProblem } from "./dom.js";
import { Rows } from "./rows.js";
import * as api from "./voices-api.js";
import { hear } from "./voices-preview.js";
import { sampleFor } from "./voices-samples.js";

const SPEEDS = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2];
const NUMBERS = [
  ["noise_scale", "Variation of the sound", 0, 2, 0.01],
  ["noise_w_scale", "Variation of the rhythm", 0, 1.5, 0.01],
  ["sentence_silence", "Silence between sentences (s)", 0, 10, 0.1],
  ["seed", "Seed", 0, Number.MAX_SAFE_INTEGER, 1],
];

const rounded = (value) => Number(value.toPrecision(4));

/** Returns a description of the settings that a preset changes. `own` is the voice's own length scale. */
export function inWords(preset, own = 1) {
  const parts = [
    preset.speaker === null ? "" : `speaker ${preset.speaker}`,
    preset.length_scale === null ? "" : `speed ${Math.round((100 * own) / preset.length_scale) / 100}×`,
    preset.volume === null ? "" : `volume ${Math.round(100 * preset.volume)} %`,
    preset.noise_scale === null ? "" : `sound variation ${preset.noise_scale}`,
    preset.noise_w_scale === null ? "" : `rhythm variation ${preset.noise_w_scale}`,
    preset.sentence_silence === null ? "" : `${preset.sentence_silence} s between sentences`,
    preset.seed === null ? "" : `seed ${preset.seed}`,
    preset.text_rules === null ? "" : `text rules ${preset.text_rules}`,
  ];
  return parts.filter(Boolean).join(", ") || "no changes";
}

function slider(min, max, step, value) {
  return make("input", { type: "range", min, max, step, value });
}

/** The list of presets and the form for one preset, in the element `place` inside the <details> element `box`. */
export class Presets {
  #context;
  #voices = [];
  #editing = null; // name of the preset that is being changed
  #list = make("ul", { className: "rows", "aria-label": "Presets" });
  #rows = new Rows(this.#list);
  #empty = make("p", { className: "hint", textContent: "There are no presets." });
  #problem = make("p", { className: "problem", role: "alert", hidden: true });
  #title = make("h4", { textContent: "New preset" });
  #name = make("input", { type: "text", maxLength: 100, required: true, autocomplete: "off" });
  #voice = make("select");
  #speaker = make("select");
  #speed = slider(0, SPEEDS.length - 1, 1, SPEEDS.indexOf(1));
  #speedWords = make("output");
  #volume = slider(0, 2, 0.05, 1);
  #volumeWords = make("output");
  #numbers = new Map();
  #rules = make("select");
  #speakerField;
  #cancel = button("Cancel", "", () => this.#edit(null));
  #form;

  constructor(place, box, context) {
    this.#context = context;
    this.#rules.append(new Option("as the server", ""), new Option("read as a person would", "auto"), new Option("left to the voice", "off"));
    this.#form = this.#makeForm();
    place.append(this.#empty, this.#list);
    box.addEventListener("toggle", () => place.append(this.#form), { once: true }); // most people never open it
    this.#edit(null, false);
  }

  /** Lists the presets that `voices` contains. */
  show(voices, mayChange) {
    this.#voices = voices;
    this.#form.hidden = !mayChange;
    this.#showChoices();
    const presets = voices.filter((voice) => voice.preset !== null);
    this.#empty.hidden = presets.length > 0;
    this.#rows.show(
      presets.map((voice) => this.#item(voice, mayChange)),
      () => this.#name.focus(),
    );
  }

  /** Returns what the row of a preset shows. The state of the voice is not part of it, because it changes while the preset
   * is played. */
  #item({ preset, language, installed, reason }, mayChange) {
    const own = this.#voices.find((one) => one.name === preset.voice)?.length_scale ?? 1;
    const content = { preset, language, installed, reason, mayChange, own };
    return { key: preset.name, content, make: () => this.#row(content) };
  }

  #row({ preset, language, installed, reason: why, mayChange, own }) {
    const problem = make("p", { className: "problem", role: "alert", hidden: true });
    const listen = button("Hear it", preset.name, () => this.#hear(listen, problem, language, { voice: preset.name }), "hear");
    const actions = make("div", { className: "voice-actions" });
    if (installed) {
      actions.append(listen);
    }
    if (mayChange && !preset.is_fixed) {
      actions.append(
        button("Edit", preset.name, () => this.#edit(preset)),
        button("Remove", preset.name, () => this.#remove(preset.name, problem)),
      );
    }
    const facts = `${preset.voice}: ${inWords(preset, own)}${preset.is_fixed ? " (set by the operator)" : ""}`;
    const reason = make("p", { className: "voice-reason", textContent: why ?? "", hidden: why === null });
    return make(
      "li",
      { className: "voice" },
      make("strong", { textContent: preset.name }),
      make("p", { className: "hint voice-facts", textContent: facts }),
      reason,
      actions,
      problem,
    );
  }

  #makeForm() {
    for (const [name, , min, max, step] of NUMBERS) {
      this.#numbers.set(name, make("input", { type: "number", min, max, step, inputMode: "decimal", placeholder: "as the voice" }));
    }
    const listen = button("Hear it", "the preset that you are making", () => this.#hear(listen, this.#problem, this.#language(), this.#speech()), "hear");
    const speedField = field("Speed ", this.#speed);
    speedField.firstChild.append(this.#speedWords);
    const volumeField = field("Volume ", this.#volume);
    volumeField.firstChild.append(this.#volumeWords);
    this.#speakerField = field("Speaker", this.#speaker);
    const more = make(
      "details",
      {},
      make("summary", { textContent: "More values" }),
      make(
        "div",
        { className: "fields" },
        ...NUMBERS.map(([name, words]) => field(words, this.#numbers.get(name))),
        field("Numbers and units", this.#rules),
      ),
    );
    const form = make(
      "form",
      { noValidate: true, className: "editor" },
      this.#title,
      make("div", { className: "fields" }, field("Name", this.#name), field("Voice", this.#voice), this.#speakerField, speedField, volumeField),
      more,
      make("div", { className: "buttons" }, make("button", { type: "submit", textContent: "Save preset", className: "primary" }), listen, this.#cancel),
      this.#problem,
    );
    form.setAttribute("aria-label", "Preset");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    this.#speed.addEventListener("input", () => this.#showNumbers());
    this.#volume.addEventListener("input", () => this.#showNumbers());
    this.#voice.addEventListener("change", () => this.#showSpeakers());
    return form;
  }

  #showNumbers() {
    const speed = SPEEDS[Number(this.#speed.value)];
    this.#speedWords.textContent = `${speed}×`;
    this.#speed.setAttribute("aria-valuetext", `${speed} times`);
    const percent = `${Math.round(100 * Number(this.#volume.value))} %`;
    this.#volumeWords.textContent = percent;
    this.#volume.setAttribute("aria-valuetext", percent);
  }

  #showChoices() {
    const voices = this.#voices.filter((voice) => voice.installed && voice.preset === null);
    const names = voices.map((voice) => voice.name).join("\n");
    if (this.#voice.dataset.names === names) {
      return;
    }
    this.#voice.dataset.names = names;
    const chosen = this.#voice.value;
    this.#voice.replaceChildren(...voices.map((voice) => new Option(voice.title, voice.name)));
    const standard = this.#voices.find((voice) => voice.is_default);
    const wanted = [chosen, standard?.preset?.voice ?? standard?.name, voices[0]?.name];
    this.#voice.value = wanted.find((name) => voices.some((voice) => voice.name === name)) ?? "";
    this.#showSpeakers();
  }

  #showSpeakers(chosen = "") {
    const { speakers = [] } = this.#chosenVoice() ?? {};
    this.#speakerField.hidden = speakers.length < 2;
    this.#speaker.replaceChildren(new Option("The voice's own", ""), ...speakers.map((name) => new Option(name, name)));
    this.#speaker.value = speakers.includes(chosen) ? chosen : "";
  }

  #chosenVoice() {
    return this.#voices.find((voice) => voice.name === this.#voice.value);
  }

  #language() {
    return this.#chosenVoice()?.language ?? "en";
  }

  /** Returns the form values in the format of the API. Throws an Error if a value is not valid. */
  #values() {
    const values = { voice: this.#voice.value };
    if (this.#speaker.value !== "") {
      values.speaker = this.#speaker.value;
    }
    const speed = SPEEDS[Number(this.#speed.value)];
    if (speed !== 1) {
      values.length_scale = rounded((this.#chosenVoice()?.length_scale ?? 1) / speed);
    }
    if (Number(this.#volume.value) !== 1) {
      values.volume = Number(this.#volume.value);
    }
    for (const [name, input] of this.#numbers) {
      if (!input.validity.valid) {
        input.focus();
        throw new Error(`${input.labels[0].textContent}: ${input.validationMessage}`);
      }
      if (input.value !== "") {
        values[name] = Number(input.value);
      }
    }
    if (this.#rules.value !== "") {
      values.text_rules = this.#rules.value;
    }
    return values;
  }

  /** Returns the form values as speech parameters, or an Error if a value is not valid. */
  #speech() {
    try {
      return this.#values();
    } catch (error) {
      return error;
    }
  }

  async #hear(listen, problem, language, values) {
    showProblem(problem, null);
    try {
      if (values instanceof Error) {
        throw values;
      }
      await hear(listen, sampleFor(language), values);
    } catch (error) {
      showProblem(problem, error);
    }
  }

  /** Fills the form with a preset, or clears the form if `preset` is null. */
  #edit(preset, focus = true) {
    this.#editing = preset?.name ?? null;
    this.#title.textContent = preset === null ? "New preset" : `Change ${preset.name}`;
    this.#cancel.hidden = preset === null;
    showProblem(this.#problem, null);
    this.#name.value = preset?.name ?? "";
    if (preset !== null) {
      this.#voice.value = preset.voice;
    }
    this.#showSpeakers(preset?.speaker ?? "");
    const own = this.#chosenVoice()?.length_scale ?? 1;
    const speed = preset?.length_scale ? own / preset.length_scale : 1;
    const near = SPEEDS.map((one) => Math.abs(Math.log(one / speed)));
    this.#speed.value = near.indexOf(Math.min(...near));
    this.#volume.value = preset?.volume ?? 1;
    this.#numbers.forEach((input, name) => (input.value = preset?.[name] ?? ""));
    this.#rules.value = preset?.text_rules ?? "";
    this.#showNumbers();
    if (focus) {
      this.#name.focus();
    }
  }

  async #save() {
    const name = this.#name.value.trim();
    showProblem(this.#problem, null);
    try {
      if (name === "") {
        this.#name.focus();
        throw new Error("Type a name for the preset.");
      }
      await api.putPreset(name, this.#values());
      if (this.#editing !== null && this.#editing !== name) {
        await api.removePreset(this.#editing);
      }
      announce(`The preset ${name} was saved.`);
      this.#edit(null);
    } catch (error) {
      showProblem(this.#problem, error);
    }
    await this.#context.refresh();
  }

  async #remove(name, problem) {
    try {
      await api.removePreset(name);
      announce(`The preset ${name} was removed.`);
      if (this.#editing === name) {
        this.#edit(null, false);
      }
    } catch (error) {
      showProblem(problem, error);
    }
    await this.#context.refresh();
  }
}
