// Requests to the server. Paths are relative to the page, so they work under any prefix.

import { currentToken } from "./memory.js";

/** The server responded with an error: a readable `message`, the HTTP `status`, the server's error `code`, and the
 * seconds after which the request may succeed (0 if the server does not state them). */
export class Refused extends Error {
  constructor(status, code, message, retryAfter = 0) {
    super(message + retryText(retryAfter));
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The server did not answer, or its answer is not complete. */
export class Unreachable extends Error {
  constructor() {
    super("The server is not answering. Is it still running?");
  }
}

function retryText(seconds) {
  return seconds > 0 ? ` Try again in ${seconds} second${seconds === 1 ? "" : "s"}.` : "";
}

async function refusal(response) {
  const retryAfter = Number(response.headers.get("Retry-After"));
  try {
    const { error } = await response.json();
    if (typeof error.message === "string") {
      return new Refused(response.status, error.code, error.message, retryAfter);
    }
  } catch {
    // the response is not JSON, so it comes from a proxy
  }
  return new Refused(response.status, "unknown", `The request failed (HTTP ${response.status}).`, retryAfter);
}

/** Sends a request, and returns the response if it is successful. Otherwise, throws Refused, Unreachable, or the
 * AbortError of `options.signal`. */
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

/** Returns the JSON response to a GET request. Throws Refused, or Unreachable if there is no JSON response within
 * `timeout` milliseconds. */
export async function askJson(path, timeout = 5000) {
  const response = await ask(path, { signal: AbortSignal.timeout(timeout) });
  try {
    return await response.json();
  } catch {
    throw new Unreachable();
  }
}
