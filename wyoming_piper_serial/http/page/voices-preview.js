// Plays one short text or recording at a time, for the "Hear it" and "Hear a sample" buttons.

import { speak } from "./api.js";
import { sampleOf } from "./voices-api.js";

const sound = new Audio();
let playing = null; // the button whose sound is being requested or played, and its AbortController

function end(button) {
  if (playing?.button === button) {
    playing.aborting.abort();
    playing = null;
    sound.pause();
    URL.revokeObjectURL(sound.src);
  }
  button.removeAttribute("aria-pressed");
}

/** Speaks `text`, and shows `button` as pressed until the speech ends. A second call for the same button stops the
 * speech.
 *
 * Throws Refused or Unreachable, or the browser's error if the connection is lost or the sound cannot be played. */
export const hear = (button, text, values) => play(button, (signal) => speak(text, values, signal));

/** Plays the recording of the public voice `name`, in the same way as `hear`. */
export const hearSample = (button, name) => play(button, (signal) => sampleOf(name, signal));

async function play(button, request) {
  const before = playing?.button;
  if (before) {
    end(before);
  }
  if (before === button) {
    return;
  }
  const mine = { button, aborting: new AbortController() };
  playing = mine;
  button.setAttribute("aria-pressed", "true");
  sound.load(); // browsers allow the sound to play later only if it was loaded in the click handler
  try {
    const blob = await request(mine.aborting.signal);
    if (playing !== mine) {
      return;
    }
    sound.src = URL.createObjectURL(blob);
    await sound.play();
    await new Promise((resolve) => {
      sound.onended = resolve;
      sound.onpause = resolve;
      sound.onerror = resolve;
    });
  } catch (error) {
    if (playing === mine && error.name !== "AbortError") {
      throw error;
    }
  } finally {
    if (playing === mine) {
      end(button);
    }
  }
}
