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

/** Returns the error to throw for an `error` of the browser: itself if `signal` has aborted the request, or
 * Unreachable. */
function failure(error, signal) {
  return signal?.aborted && signal.reason?.name !== "TimeoutError" ? error : new Unreachable();
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
    throw failure(error, options.signal);
  }
  if (!response.ok) {
    throw await refusal(response);
  }
  return response;
}

/** Returns the body of a response, or null if the status is 204. `form` is `json` or `blob`. Throws the AbortError of
 * `signal`, or Unreachable if the connection is lost or the body has another form. */
export async function bodyOf(response, form, signal) {
  try {
    return response.status === 204 ? null : await response[form]();
  } catch (error) {
    throw failure(error, signal);
  }
}

/** Sends a request like `ask`, and returns the body of the response like `bodyOf`. Throws the errors of both. */
export async function askFor(form, path, options = {}) {
  return bodyOf(await ask(path, options), form, options.signal);
}

/** Returns the JSON response to a GET request. Throws Refused, or Unreachable if there is no JSON response within
 * `timeout` milliseconds. */
export const askJson = (path, timeout = 5000) => askFor("json", path, { signal: AbortSignal.timeout(timeout) });

/** Returns speech as a Blob. `values` are the parameters of the speech. */
export function speak(text, values, signal) {
  return askFor("blob", `api/text-to-speech?${new URLSearchParams(values)}`, {
    method: "POST",
    body: text,
    headers: { "Content-Type": "text/plain; charset=utf-8" },
    signal,
  });
}
