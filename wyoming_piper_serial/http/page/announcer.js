// The ARIA live region for the user's speech and the state of the server. It announces messages before and after
// speech, but not during it.

export class Announcer {
  #region = document.getElementById("announcement");
  #speaking = false;
  #later = "";

  /** Announces `words` now, or after the current speech. */
  say(words) {
    if (this.#speaking) {
      this.#later = words;
    } else {
      this.#region.textContent = words;
    }
  }

  /** Stops announcements, because speech is about to begin. */
  begin() {
    this.#speaking = true;
    this.#later = "";
    this.#region.textContent = "";
  }

  /** Announces `words` after the end of the speech. A message that arrived during the speech takes precedence. */
  end(words) {
    this.#speaking = false;
    this.#region.textContent = this.#later || words;
    this.#later = "";
  }
}
