// Pure functions for the messages about the user's own speech.

const SECONDS = new Intl.NumberFormat("en", { maximumFractionDigits: 1, minimumFractionDigits: 1 });

/** Returns a message about what a request is waiting for. The argument is a progress message from the server or from
 * `SpeechRequest`. */
export function waitingWords({ state, share, before, made, remaining, seconds, attempt, attempts }) {
  switch (state) {
    case "downloading":
      return `Downloading the voice: ${Math.round(100 * share)} %.`;
    case "loading":
      return "Loading the voice…";
    case "waiting":
      return before > 0 ? `Waiting: ${before} ahead of you.` : "Waiting: you are next.";
    case "held": {
      const when = remaining === undefined ? "" : ` Playback starts in about ${Math.max(1, Math.ceil(remaining))} s.`;
      return `Buffering for gapless playback on this slow server: ${SECONDS.format(made)} s ready.${when}`;
    }
    case "full":
      return `The queue is full. Trying again in ${seconds} s (attempt ${attempt} of ${attempts}).`;
    case "text":
      return "Sending the text…";
    default:
      return "Starting…";
  }
}

/** Returns `seconds` as minutes and seconds, such as 1:05. */
export function clock(seconds) {
  const whole = Math.floor(seconds + 0.05); // missing samples at the end must not reduce the time by a second
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Returns the number of characters as text, such as `12 characters`. */
export function countWords(text) {
  const count = [...text].length;
  return `${count.toLocaleString("en")} character${count === 1 ? "" : "s"}`;
}

/** Returns a file name for `text`, such as good-morning.mp3. */
export function fileName(text, ending) {
  const words = text.normalize("NFC").toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  let name = "";
  for (const word of words) {
    if (name !== "" && name.length + word.length > 48) {
      break;
    }
    name += `${name === "" ? "" : "-"}${word}`;
  }
  return `${[...name].slice(0, 60).join("") || "speech"}.${ending}`;
}
