// Pure functions for the state of an utterance in `api/activity`, as data and as text.

export const seconds = (value) => (value < 9.95 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`);

/** Returns the state at time `now`: `waiting`, `starting`, `playing`, `done`, `cancelled` or `failed`. */
export function stateOf(utterance, now) {
  const { begun, heard, lasts_until: lastsUntil, ended, outcome } = utterance;
  if (outcome === "cancelled") {
    return "cancelled";
  }
  if (outcome !== null && outcome !== "completed") {
    return "failed";
  }
  if (heard !== null && (ended === null || now < lastsUntil)) {
    return "playing";
  }
  if (outcome === "completed") {
    return "done";
  }
  return begun === null ? "waiting" : "starting";
}

/** Returns the time at which playback of all audio synthesized so far ends, or null before the first audio. Playback of
 * a cancelled or failed utterance ends with the utterance at the latest. */
export function heardUntil({ heard, lasts_until: lastsUntil, ended, outcome }) {
  if (heard === null) {
    return null;
  }
  return ended !== null && outcome !== "completed" ? Math.max(heard, Math.min(lastsUntil, ended)) : lastsUntil;
}

/** Returns the time at which an utterance and its playback have ended, or Infinity if it has not ended. */
export function overAt(utterance) {
  return utterance.ended === null ? Infinity : Math.max(utterance.ended, heardUntil(utterance) ?? 0);
}

/** Returns a short text for `state`, a result of `stateOf`. */
export function inWords(utterance, state, now) {
  const { asked, heard, lasts_until: lastsUntil, outcome } = utterance;
  switch (state) {
    case "waiting":
      return `waiting ${seconds(Math.max(0, now - asked))}`;
    case "starting": {
      const made = utterance.steps.reduce((sum, [, , audio]) => sum + audio, 0);
      return made > 0 ? `buffering, ${seconds(made)} ready` : "starting";
    }
    case "playing":
      return now < lastsUntil ? `playing, ${Math.ceil(lastsUntil - now)} s left` : "playing, underrun";
    case "done":
      return heard === null ? "✓ done" : `✓ done, ${seconds(lastsUntil - heard)}`;
    case "cancelled":
      return "− cancelled";
    default:
      return `! ${outcome}`;
  }
}

/** Returns a summary such as "2 waiting, 1 playing". A starting utterance counts as waiting. */
export function summary(utterances, now) {
  const counts = { waiting: 0, playing: 0 };
  for (const utterance of utterances) {
    const state = stateOf(utterance, now);
    if (state === "waiting" || state === "starting") {
      counts.waiting += 1;
    } else if (state === "playing") {
      counts.playing += 1;
    }
  }
  return countWords(counts);
}

/** Returns such a summary for a response from `health`, which does not count starting utterances. */
export function queueWords({ queue, playing }) {
  return countWords({ waiting: Object.values(queue).reduce((sum, count) => sum + count, 0), playing });
}

function countWords(counts) {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return parts.length > 0 ? parts.map(([state, count]) => `${count} ${state}`).join(", ") : "no active requests";
}
