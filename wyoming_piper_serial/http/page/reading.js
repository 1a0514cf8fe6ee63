// Shows the sentence that is being spoken, and marks the word. The element is not a live region, because screen readers
// must not speak over the sound.

/** The times of the words of an utterance, in the order in which they are spoken. */
export class Timings {
  #sentences = []; // the number and the text of each sentence, with the end of its last passage in the text
  #times = []; // the start of each passage in seconds, with its sentence and its range

  /** Adds a "timing" message of the server. */
  add({ number, sentence, passages }) {
    let last = this.#sentences.at(-1);
    if (last?.number !== number) {
      last = { number, text: sentence, end: 0 };
      this.#sentences.push(last);
    }
    for (const { text, start } of passages) {
      const range = this.#find(last, text.split(" "));
      if (range !== null) {
        last.end = range.to;
        this.#times.push({ start, sentence: last, ...range });
      }
    }
  }

  /** Returns what is spoken at the position `seconds`: the sentence as `text`, and the passage as the range from `from`
   * to `to`. Returns null before the first passage. */
  at(seconds) {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#times[middle].start <= seconds) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low === 0) {
      return null;
    }
    const { sentence, from, to } = this.#times[low - 1];
    return { text: sentence.text, from, to };
  }

  /** Returns the range of `words` in the text of a sentence. `end` is the end of the previous passage. Returns null if
      anything but white space is between `end` and the words, or between two of the words. */
  #find({ text, end }, words) {
    let [from, to] = [null, end];
    for (const word of words) {
      const at = text.indexOf(word, to);
      if (at === -1 || text.slice(to, at).trim() !== "") {
        return null;
      }
      from ??= at;
      to = at + word.length;
    }
    return from === null ? null : { from, to };
  }
}

/** The line of text in the player. */
export class Reading {
  #element;
  #shown = null;
  #parts = ["span", "mark", "span"].map((name) => document.createElement(name));

  constructor(element) {
    this.#element = element;
    element.replaceChildren(...this.#parts);
  }

  /** Shows what `timings` contains for the position `seconds`. If `isActive` is false, nothing is marked. */
  show(timings, seconds, isActive) {
    const now = timings.at(seconds);
    const key = now === null ? "" : isActive ? `${now.from} ${now.to} ${now.text}` : now.text;
    if (key === this.#shown) {
      return;
    }
    this.#shown = key;
    this.#element.hidden = now === null;
    const { text, from, to } = now ?? { text: "", from: 0, to: 0 };
    const texts = isActive ? [text.slice(0, from), text.slice(from, to), text.slice(to)] : [text, "", ""];
    this.#parts.forEach((part, index) => (part.textContent = texts[index]));
  }
}
