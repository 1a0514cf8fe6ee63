// Saves an utterance as a file.

import { speak } from "./api.js";
import { wavFile } from "./wav.js";
import { fileName } from "./words.js";

const KEPT = 60_000; // milliseconds for which the browser's download manager can fetch a file

/** Returns the utterance as a WAV file with exactly the received samples. */
function asWav({ recording }) {
  return wavFile(recording.rate, recording.pieces());
}

/** Returns the utterance in the given format. The server synthesizes it again; the same seed gives the same audio. */
function converted({ text, choices, seed }, format) {
  return speak(text, { ...choices, seed, format });
}

/** Saves `utterance` in `format`, which is `wav`, `mp3` or `opus`. Throws Refused or Unreachable. */
export async function save(utterance, format) {
  const file = format === "wav" && utterance.recording.whole ? asWav(utterance) : await converted(utterance, format);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = fileName(utterance.text, format);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT);
}
