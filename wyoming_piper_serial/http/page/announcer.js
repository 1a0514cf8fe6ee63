// The only live region of the page. It says something before the speech and after it, and nothing during it.

export class Announcer {
  #region = document.getElementById("announcement");
  #speaking = false;
  #later = "";

  /** Says `words` now, or after the speech. */
  say(words) {
    if (this.#speaking) {
      this.#later = words;
    } else {
      this.#region.textContent = words;
    }
  }

  /** Stops saying anything, because the speech begins. */
  begin() {
    this.#speaking = true;
    this.#later = "";
    this.#region.textContent = "";
  }

  /** Says `words`, because the speech has ended. Something that happened in the meantime is more important. */
  end(words) {
    this.#speaking = false;
    this.#region.textContent = this.#later || words;
    this.#later = "";
  }
}
