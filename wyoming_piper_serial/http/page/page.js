// Connects the parts of the page.

import { Activity } from "./activity.js";
import { Announcer } from "./announcer.js";
import { Unreachable } from "./api.js";
import { save } from "./files.js";
import { Form } from "./form.js";
import { History } from "./history.js";
import { copyLink, linkTo, takeLink } from "./links.js";
import { Listening } from "./listening.js";
import { currentToken, keepToken } from "./memory.js";
import { allowSound } from "./player.js";
import { Reading } from "./reading.js";
import { ServerHealth } from "./server.js";
import { Utterance } from "./speech.js";
import { Waveform } from "./waveform.js";
import { waitingWords } from "./words.js";

const STATE_WORDS = {
  asking: "Sending the text…",
  playing: "Playing.",
  blocked: "Your browser plays sound only after a click. Press Play.",
  paused: "Paused.",
  stopped: "Stopped.",
  done: "Done.",
  failed: "",
};

const find = (id) => document.getElementById(id);
const link = takeLink();
const form = new Form(link);
const announcer = new Announcer();
const activity = new Activity();

// Messages

function setStatus(words) {
  find("status").textContent = words;
}

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
  if (error instanceof Unreachable) {
    health.ask();
  }
}

// Waiting and playback

let toldWait = false; // whether screen readers have announced why this speech is waiting

function showWait(progress) {
  const words = waitingWords(progress);
  setStatus(words);
  find("download-share").hidden = progress.share === undefined;
  find("download-share").value = progress.share ?? 0;
  activity.setOwn(listening.numbers);
  if (!toldWait && progress.state !== "text") {
    toldWait = true;
    announcer.say(words);
  }
}

function showState({ state, problem, utterance }) {
  document.body.dataset.state = state;
  find("download-share").hidden = true;
  showBusy(["asking", "playing", "blocked", "paused"].includes(state));
  setStatus(STATE_WORDS[state]);
  find("player").hidden = state === "asking" || utterance.recording.length === 0;
  find("pause").textContent = state === "playing" ? "Pause" : "Play";
  if (state === "asking") {
    toldWait = false;
    announcer.end(""); // the new speech may replace one that has not ended
    showProblem(null);
  } else if (state === "playing") {
    announcer.begin();
  } else if (state === "done" || state === "stopped") {
    announcer.end(STATE_WORDS[state]);
    find("token-field").hidden = find("token-field").hidden || state === "done";
  } else if (state === "failed") {
    announcer.end("");
    showProblem(problem);
  }
}

function showBusy(busy) {
  const stop = find("stop");
  if (!busy && document.activeElement === stop) {
    find("speak").focus(); // a disabled button loses the keyboard focus
  }
  stop.disabled = !busy;
}

const waveform = new Waveform((seconds) => listening.seek(seconds));
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
const reading = new Reading(find("reading"));
let drawnAt = -Infinity;

function showPosition({ utterance, position, scheduled, underruns, firstAudio, state }) {
  const { bytes, seconds } = utterance.recording;
  Object.assign(document.body.dataset, { bytes, scheduled: scheduled.toFixed(3), underruns });
  if (firstAudio === null) {
    delete document.body.dataset.firstAudio;
  } else {
    document.body.dataset.firstAudio = firstAudio.toFixed(1);
  }
  find("first-audio").textContent = firstAudio === null ? "–" : `${Math.round(firstAudio)} ms`;
  find("received").textContent = bytes === 0 ? "–" : `${seconds.toFixed(1)} s`;
  find("gaps").textContent = bytes === 0 ? "–" : `${underruns}`;
  find("player").hidden = bytes === 0;
  reading.show(utterance.timings, position, !calm.matches && ["playing", "paused", "blocked"].includes(state));
  if (state !== "playing" || performance.now() - drawnAt > (calm.matches ? 1000 : 100)) {
    drawnAt = performance.now();
    waveform.draw(utterance.recording, position);
  }
}

const listening = new Listening({
  onState: showState,
  onWait: showWait,
  onPosition: showPosition,
  onEnd(utterance) {
    kept.add(utterance);
    activity.setOwn(listening.numbers);
    find("save-others").hidden = utterance.partial;
  },
});

const kept = new History({
  replay(utterance) {
    showProblem(null);
    find("save-others").hidden = utterance.partial;
    listening.replay(utterance);
  },
  save: saveAs,
});

async function saveAs(utterance, format) {
  const place = find("save-status");
  place.textContent = format === "wav" ? "" : "Making the file…";
  try {
    await save(utterance, format);
    place.textContent = "";
  } catch (error) {
    place.textContent = "";
    showProblem(error);
  }
}

// Buttons and keys

function speak() {
  if (form.text === "") {
    showProblem(new Error("Type a text first."));
    find("text").focus();
    return;
  }
  if (!find("token-field").hidden) {
    keepToken(find("token").value.trim());
  }
  allowSound(form.rate); // must be called in the click handler
  if (!listening.speak(new Utterance(form.text, form.choices, form.voiceTitle))) {
    setStatus("This text is already waiting. It keeps its place in the queue.");
  }
}

/** Speaks the text from the link if the browser allows sound before the first click. */
async function autoplay() {
  if (await allowSound(form.rate)) {
    speak();
  } else {
    setStatus("Your browser plays sound only after a click. Press Speak.");
    find("speak").focus();
  }
}

find("form").addEventListener("submit", (event) => {
  event.preventDefault();
  speak();
});
find("stop").addEventListener("click", () => listening.stop());
find("pause").addEventListener("click", () => listening.toggle());
find("copy").addEventListener("click", async () => {
  const copied = await copyLink(linkTo(form.text, form.choices), find("link"));
  find("copy-status").textContent = copied ? "Link copied." : "Copy this link:";
});
document.querySelectorAll("#player [data-format]").forEach((button) => {
  button.addEventListener("click", () => saveAs(listening.utterance, button.dataset.format));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    speak();
  } else if (event.key === "Escape") {
    listening.stop();
  }
});

// The list of voices and the state of the server

let lastState = null;
let loading = null;

async function loadVoices() {
  try {
    await form.load();
  } catch (error) {
    if (!(error instanceof Unreachable)) {
      showProblem(error);
    }
  }
  if (form.loaded && link.autoplay) {
    link.autoplay = false;
    autoplay();
  }
}

const health = new ServerHealth((state, facts) => {
  if (state !== lastState) {
    if (lastState !== null && find("notice").textContent !== "") {
      announcer.say(find("notice").textContent);
    }
    lastState = state;
    activity.setServer(state);
  }
  activity.showQueue(facts);
  if (state !== "gone" && !form.loaded) {
    loading ??= loadVoices().finally(() => (loading = null));
  }
});
document.addEventListener("voices-changed", loadVoices); // sent by the "Voices" panel
