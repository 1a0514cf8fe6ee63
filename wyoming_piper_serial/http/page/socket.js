// One request for speech on the server's WebSocket.

import { Refused, Unreachable } from "./api.js";
import { currentToken } from "./memory.js";

const AHEAD = 30; // maximum seconds of unplayed sound that the server sends; browsers read without a limit

/** The connection was lost after the first audio and before the end of the speech. */
export class Lost extends Error {
  constructor() {
    super("The connection to the server was lost before the end of the speech. Please try again.");
  }
}

/** The server answers, but its WebSocket cannot be opened. */
class NoSocket extends Error {
  constructor() {
    super(
      "The server answers, but it does not open a WebSocket for this page. A proxy in front of the server must forward " +
        "WebSockets, and the address of this page must be one that the server allows.",
    );
  }
}

const REJECTED = { unauthorized: 401 };

function address() {
  const url = new URL("api/stream", document.baseURI);
  url.protocol = url.protocol.replace("http", "ws");
  url.search = "";
  url.hash = "";
  return url;
}

async function serverAnswers() {
  try {
    await fetch("health/live", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    return true;
  } catch {
    return false;
  }
}

export class SpeechSocket {
  #socket = null;
  #first = []; // the text and the choices to send when the socket is open
  #heard = false; // whether audio has arrived
  #asked = 0; // number of requests sent
  #answered = 0; // number of the request to which the server's last `start`, and the audio after it, belong
  #listener;

  /** `listener` has the methods `onStart(rate)`, `onProgress(progress)`, `onTiming(timing)` and `onAudio(samples)`. */
  constructor(listener) {
    this.#listener = listener;
  }

  /** Speaks `text`. Resolves when all audio has arrived. Throws Refused, Unreachable, NoSocket or Lost. */
  speak(text, choices) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(address());
      this.#socket = socket;
      this.#first = [text, choices];
      socket.binaryType = "arraybuffer";
      let opened = false;
      socket.onopen = () => {
        opened = true;
        this.#request(...this.#first);
      };
      socket.onmessage = ({ data }) => this.#onMessage(data, { resolve, reject });
      socket.onclose = async () => {
        if (opened) {
          reject(this.#heard ? new Lost() : new Unreachable());
        } else {
          reject((await serverAnswers()) ? new NoSocket() : new Unreachable());
        }
      };
    });
  }

  /** Replaces the text. Must be called before the first audio has arrived. The request keeps its place in the queue. */
  replace(text, choices) {
    this.#first = [text, choices];
    this.#request(text, { ...choices, replace: true });
  }

  /** Tells the server that the first `seconds` of the speech have been played. */
  played(seconds) {
    this.#send({ type: "played", seconds });
  }

  close() {
    this.#socket?.close();
  }

  #request(text, choices) {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      return;
    }
    const token = currentToken() ? { token: currentToken() } : {};
    this.#asked += 1;
    this.#send({ type: "start", id: this.#asked, progress: true, timings: true, max_ahead: AHEAD, ...token, ...choices });
    this.#send({ type: "text", text });
    this.#send({ type: "end" });
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  #onMessage(data, { resolve, reject }) {
    if (typeof data !== "string") {
      if (this.#answered === this.#asked) {
        this.#heard = true;
        this.#listener.onAudio(new Int16Array(data)); // all systems with a browser are little-endian
      }
      return;
    }
    const message = JSON.parse(data);
    switch (message.type) {
      case "start":
        this.#answered = message.id;
        this.#listener.onStart(message.rate);
        break;
      case "progress":
        this.#listener.onProgress(message);
        break;
      case "timing":
        if (this.#answered === this.#asked) {
          this.#listener.onTiming(message);
        }
        break;
      case "end":
        resolve();
        this.close();
        break;
      case "error":
        reject(new Refused(REJECTED[message.code] ?? 0, message.code, message.text, message.retry_after));
        this.close();
        break;
      default: // a message type of a newer server
    }
  }
}
