// Requests to the server, relative to the page, so that they work under any prefix.

import { currentToken } from "./memory.js";

/** The server said no. `message` is plain words for people, `status` the HTTP status, `code` the server's word. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** No answer came: the server is down, or the network is. */
export class Unreachable extends Error {
  constructor() {
    super("The server is not answering. Is it still running?");
  }
}

function inWords(seconds) {
  return seconds > 0 ? ` Try again in ${seconds} second${seconds === 1 ? "" : "s"}.` : "";
}

async function refusal(response) {
  const again = inWords(Number(response.headers.get("Retry-After")));
  try {
    const { error } = await response.json();
    if (typeof error.message === "string") {
      return new Refused(response.status, error.code, error.message + again);
    }
  } catch {
    // not from the server itself, but from a proxy on the way
  }
  return new Refused(response.status, "unknown", `The server could not do this (HTTP ${response.status}).${again}`);
}

/** A response that is OK. Throws Refused, Unreachable, or the AbortError of `options.signal`. */
export async function ask(path, options = {}) {
  const headers = new Headers(options.headers);
  if (currentToken()) {
    headers.set("Authorization", `Bearer ${currentToken()}`);
  }
  let response;
  try {
    response = await fetch(path, { ...options, headers, cache: "no-store" });
  } catch (error) {
    if (options.signal?.aborted && options.signal.reason?.name !== "TimeoutError") {
      throw error;
    }
    throw new Unreachable();
  }
  if (!response.ok) {
    throw await refusal(response);
  }
  return response;
}

/** The JSON of a GET that may take `patience` milliseconds. */
export async function askJson(path, patience = 5000) {
  const response = await ask(path, { signal: AbortSignal.timeout(patience) });
  try {
    return await response.json();
  } catch {
    throw new Unreachable();
  }
}
