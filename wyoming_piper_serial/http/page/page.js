// The form: the text, the choice of voice, the buttons Speak and Stop, and the state of the speech.

import { Activity } from "./activity.js";
import { askJson, Refused } from "./api.js";
import { currentToken, keepToken, recall, remember } from "./memory.js";
import { silence, soundAt } from "./player.js";
import { Speech } from "./speech.js";

const SPEEDS = [0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 3, 4];
const HEALTH_PERIOD = 15000; // milliseconds

const find = (id) => document.getElementById(id);
const form = find("form");
const voices = new Map();
let speech = null;
let saved = null; // object URL of the WAV file offered for download

// Voice, speaker and speed

const speed = () => SPEEDS[Number(find("speed").value)];

function showSpeed() {
  find("speed-words").textContent = `${speed()}×`;
  find("speed").setAttribute("aria-valuetext", `${speed()} times`);
}

function showSpeakers() {
  const { speakers = [] } = voices.get(find("voice").value) ?? {};
  find("speaker-field").hidden = speakers.length < 2;
  find("speaker").replaceChildren(...speakers.map((name) => new Option(name, name)));
  const last = recall("speaker");
  if (speakers.includes(last)) {
    find("speaker").value = last;
  }
}

function languageName(code) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(code.replace("_", "-"));
  } catch {
    return code;
  }
}

async function loadVoices() {
  let listed;
  try {
    listed = await askJson("api/voices");
  } catch (error) {
    if (error instanceof Refused) {
      showProblem(error);
    }
    return; // retried when the server answers again
  }
  voices.clear();
  const groups = new Map();
  for (const voice of listed.voices) {
    voices.set(voice.name, voice);
    const language = languageName(voice.language);
    if (!groups.has(language)) {
      groups.set(language, Object.assign(document.createElement("optgroup"), { label: language }));
    }
    const option = new Option(voice.name, voice.name);
    option.title = voice.description ?? "";
    groups.get(language).append(option);
  }
  const last = recall("voice");
  find("voice").replaceChildren(...groups.values());
  find("voice").value = voices.has(last) ? last : listed.default;
  showSpeakers();
}

function query() {
  const parameters = new URLSearchParams();
  const chosen = { voice: find("voice").value, speaker: find("speaker-field").hidden ? "" : find("speaker").value };
  Object.entries(chosen).forEach(([name, value]) => value && parameters.set(name, value));
  if (speed() !== 1) {
    parameters.set("speed", speed());
  }
  return parameters;
}

// Speech

/** Shows the message of `error` near the button; `null` hides it. */
function showProblem(error) {
  const place = find("problem");
  place.hidden = error === null;
  place.textContent = error?.message ?? "";
  if (error?.status === 401) {
    place.textContent = currentToken() ? "The server did not accept this token." : "This server requires a token.";
    find("token-field").hidden = false;
    find("token").focus();
  }
}

function showState(state, words) {
  // after a lost connection, the received audio still plays
  const busy = state === "asking" || state === "playing" || (state === "failed" && speech.bytes > 0);
  const stop = find("stop");
  if (!busy && document.activeElement === stop) {
    find("speak").focus(); // a disabled button loses the keyboard focus
  }
  stop.disabled = !busy;
  document.body.dataset.state = state;
  find("status").textContent = words;
}

function showFigures({ bytes, seconds, underruns, firstAudio }) {
  Object.assign(document.body.dataset, { bytes, scheduled: seconds.toFixed(3), underruns });
  if (firstAudio === null) {
    delete document.body.dataset.firstAudio;
  } else {
    document.body.dataset.firstAudio = firstAudio.toFixed(1);
  }
  find("first-audio").textContent = firstAudio === null ? "–" : `${Math.round(firstAudio)} ms`;
  find("received").textContent = bytes === 0 ? "–" : `${seconds.toFixed(1)} s`;
  find("gaps").textContent = bytes === 0 ? "–" : `${underruns}`;
}

function offerFile(file) {
  if (saved !== null) {
    URL.revokeObjectURL(saved);
    saved = null;
  }
  const link = find("download");
  link.hidden = file === null;
  link.removeAttribute("href");
  if (file !== null) {
    saved = URL.createObjectURL(file);
    link.href = saved;
    link.download = "speech.wav";
  }
}

async function stop() {
  const stopped = speech;
  if (stopped === null) {
    return;
  }
  speech = null;
  showState("stopped", "Stopped.");
  offerFile(stopped.file);
  await stopped.stop();
  if (speech === null) {
    silence();
  }
}

async function speak() {
  const text = find("text").value.trim();
  if (text === "") {
    showProblem(new Error("Type a text first."));
    find("text").focus();
    return;
  }
  if (!find("token-field").hidden) {
    keepToken(find("token").value.trim());
  }
  soundAt(voices.get(find("voice").value)?.sample_rate ?? 22050); // browsers start sound only in a click handler
  speech?.stop();
  const mine = new Speech(() => mine === speech && showProgress(mine));
  speech = mine;
  showProblem(null);
  offerFile(null);
  showFigures(mine);
  showState("asking", "Waiting for speech…");
  await follow(mine, text);
}

function showProgress(mine) {
  if (document.body.dataset.state !== "playing") {
    showState("playing", "Playing.");
  }
  showFigures(mine);
}

async function follow(mine, text) {
  let problem = null;
  try {
    await mine.run(text, query());
    if (mine.bytes === 0) {
      problem = new Error("The server sent no audio for this text.");
    }
  } catch (error) {
    problem = error;
  }
  if (mine !== speech) {
    return; // this speech was stopped, or another one was started
  }
  showFigures(mine);
  if (problem === null) {
    speech = null;
    silence();
    find("token-field").hidden = true;
    showState("done", "Done.");
  } else {
    showState("failed", "");
    showProblem(problem);
  }
  offerFile(mine.file);
}

// The server's health

async function showHealth() {
  const place = find("server");
  let ready = false;
  let health = {};
  let words = "not answering";
  try {
    const response = await fetch("health", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    health = await response.json();
    ready = response.ok;
    words = ready ? "ready" : "not ready";
  } catch {
    // `words` and `ready` already have the values for this case
  }
  place.dataset.ready = ready ? "yes" : "no";
  find("server-words").textContent = words;
  find("version").textContent = `wyoming_piper_serial ${health.version ?? ""}`;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  speak();
});
find("stop").addEventListener("click", stop);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    speak();
  } else if (event.key === "Escape") {
    stop();
  }
});
find("voice").addEventListener("change", () => {
  remember("voice", find("voice").value);
  showSpeakers();
});
find("speaker").addEventListener("change", () => remember("speaker", find("speaker").value));
find("speed").addEventListener("input", () => {
  remember("speed", find("speed").value);
  showSpeed();
});

document.addEventListener("voices-changed", loadVoices);

if (recall("speed") in SPEEDS) {
  find("speed").value = recall("speed");
}
showSpeed();
new Activity((reachable) => {
  showHealth();
  if (reachable && voices.size === 0) {
    loadVoices();
  }
});
setInterval(() => document.hidden || showHealth(), HEALTH_PERIOD);
