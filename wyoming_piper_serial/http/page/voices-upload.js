// Uploads the two files of a voice, which the user selects or drops on the page.

import { upload } from "./voices-api.js";
import { announce, button, make, showProblem, size } from "./dom.js";

const CONFIG = /\.onnx\.json$/i;
const MODEL = /\.onnx$/i;

/** Returns { name, config, model } for the files of one voice. Throws an Error if the files are not the two files of
 * one voice. */
export function pairOf(files) {
  const configs = files.filter((file) => CONFIG.test(file.name));
  const models = files.filter((file) => MODEL.test(file.name));
  const others = files.filter((file) => !CONFIG.test(file.name) && !MODEL.test(file.name));
  if (others.length > 0) {
    throw new Error(`${others[0].name} is not a file of a voice. Choose NAME.onnx and NAME.onnx.json.`);
  }
  if (configs.length !== 1 || models.length !== 1) {
    throw new Error("Choose the two files of one voice together: NAME.onnx and NAME.onnx.json.");
  }
  const name = models[0].name.replace(MODEL, "");
  if (configs[0].name.replace(CONFIG, "") !== name) {
    throw new Error(`${models[0].name} and ${configs[0].name} are files of different voices.`);
  }
  return { name, config: configs[0], model: models[0] };
}

/** The upload form in the element `place`. */
export class Uploads {
  #context;
  #aborting = null;
  #input = make("input", { type: "file", multiple: true, accept: ".onnx,.json", id: "voices-files" });
  #bar = make("progress", { max: 100, value: 0, "aria-label": "Upload" });
  #words = make("span", { className: "hint" });
  #progress = make("div", { className: "voice-progress", hidden: true }, this.#bar, this.#words);
  #cancel = button("Cancel upload", "", () => this.#aborting?.abort());
  #problem = make("p", { className: "problem", role: "alert", hidden: true });
  #zone;

  /** `context.refresh()` reloads the voices, and `context.maxUpload()` returns the maximum size of a model in
   * bytes. */
  constructor(place, context) {
    this.#context = context;
    this.#cancel.hidden = true;
    this.#zone = make(
      "div",
      { className: "drop" },
      make("label", { for: "voices-files", textContent: "Files of the voice" }),
      this.#input,
      make("p", {
        className: "hint",
        textContent: "Choose NAME.onnx and NAME.onnx.json together, or drop them here. The voice appears after it has been checked.",
      }),
    );
    place.append(this.#zone, this.#progress, this.#cancel, this.#problem);
    this.#input.addEventListener("change", () => this.#start([...this.#input.files]));
    this.#watchDrops(place);
  }

  #watchDrops(place) {
    const isFiles = (event) => event.dataTransfer?.types.includes("Files");
    for (const kind of ["dragenter", "dragover"]) {
      place.addEventListener(kind, (event) => {
        if (isFiles(event)) {
          event.preventDefault();
          this.#zone.classList.add("over");
        }
      });
    }
    place.addEventListener("dragleave", (event) => {
      if (!place.contains(event.relatedTarget)) {
        this.#zone.classList.remove("over");
      }
    });
    place.addEventListener("drop", (event) => {
      this.#zone.classList.remove("over");
      if (isFiles(event)) {
        event.preventDefault();
        this.#start([...event.dataTransfer.files]);
      }
    });
  }

  async #start(files) {
    if (files.length === 0 || this.#aborting !== null) {
      return;
    }
    this.#aborting = new AbortController();
    showProblem(this.#problem, null);
    try {
      const pair = pairOf(files);
      if (pair.model.size > this.#context.maxUpload()) {
        throw new Error(`${pair.model.name} has ${size(pair.model.size)}. The server accepts ${size(this.#context.maxUpload())}.`);
      }
      this.#showProgress(0, pair.model.size);
      await upload(pair.name, "config", pair.config, () => {}, this.#aborting.signal);
      const progress = (sent) => this.#showProgress(sent, pair.model.size);
      await upload(pair.name, "model", pair.model, progress, this.#aborting.signal);
      announce(`${pair.name} is now on this machine.`);
      this.#words.textContent = `${pair.name} was added.`;
      this.#bar.hidden = true;
    } catch (error) {
      this.#progress.hidden = true;
      showProblem(this.#problem, error);
    }
    this.#aborting = null;
    this.#cancel.hidden = true;
    this.#input.value = "";
    await this.#context.refresh();
  }

  #showProgress(sent, total) {
    const percent = Math.floor((100 * sent) / total);
    this.#progress.hidden = false;
    this.#bar.hidden = false;
    this.#cancel.hidden = false;
    this.#bar.value = percent;
    this.#words.textContent =
      sent >= total ? "Checking the voice…" : `${percent} %, ${size(sent)} of ${size(total)}`;
  }
}
