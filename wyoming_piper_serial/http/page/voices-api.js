// Requests from the "Voices" panel to the server. All functions except `upload` throw Refused or Unreachable from
// api.js, or the AbortError of their `signal`.

import { ask, askFor, askJson, bodyOf, Refused } from "./api.js";
import { currentToken } from "./memory.js";

const path = (name) => `api/voices/${encodeURIComponent(name)}`;

function change(method, where, body) {
  const options = { method };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  return askFor("json", where, options);
}

let known = { etag: "", list: null };

/** Returns the list of all voices, including those that are not on disk. If the list has not changed, returns the same
 * object as the previous call. */
export async function listVoices() {
  try {
    const options = { headers: { "If-None-Match": known.etag }, signal: AbortSignal.timeout(10000) };
    const response = await ask("api/voices?all=true", options);
    known = { etag: response.headers.get("ETag") ?? "", list: await bodyOf(response, "json", options.signal) };
  } catch (error) {
    if (!(error instanceof Refused && error.status === 304)) {
      throw error;
    }
  }
  return known.list;
}

export const rights = () => askJson("api/voices/rights");
export const download = (name) => change("PUT", `${path(name)}/download`);
export const cancelDownload = (name) => change("DELETE", `${path(name)}/download`);
export const remove = (name) => change("DELETE", path(name));
export const setDefault = (name) => change("PUT", "api/voices/default", { name });
export const listPresets = () => askJson("api/voices/presets");
export const putPreset = (name, values) => change("PUT", `api/voices/presets/${encodeURIComponent(name)}`, values);
export const removePreset = (name) => change("DELETE", `api/voices/presets/${encodeURIComponent(name)}`);
export const listEntries = (search) => askJson(`api/voices/lexicon?search=${encodeURIComponent(search)}`);
export const putEntry = (entry) => change("PUT", "api/voices/lexicon", entry);
export const removeEntry = ({ scope, word }) =>
  change("DELETE", `api/voices/lexicon?${new URLSearchParams({ scope, word })}`);

/** Returns the pronunciation of a text: an object with `sentences`. */
export const pronounce = (values) => change("POST", "api/phonemes", values);

/** Returns the recording of a public voice as a Blob. */
export const sampleOf = (name, signal) => askFor("blob", `${path(name)}/sample`, { signal });

/** Uploads a file of a voice; `kind` is `config` or `model`. Calls `onProgress` with the number of bytes sent.
 *
 * Throws Refused, or an Error if the connection is lost or `signal` aborts the upload. XMLHttpRequest is used because
 * fetch does not report the progress of an upload. */
export function upload(name, kind, file, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `${path(name)}/${kind}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    if (currentToken()) {
      request.setRequestHeader("Authorization", `Bearer ${currentToken()}`);
    }
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(refusal(request))));
    request.addEventListener("error", () => reject(new Error("The connection was lost. Please try again.")));
    request.addEventListener("abort", () => reject(new Error("The upload was cancelled.")));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function refusal(request) {
  try {
    const { error } = JSON.parse(request.responseText);
    return new Refused(request.status, error.code, error.message);
  } catch {
    return new Refused(request.status, "unknown", `The upload failed (HTTP ${request.status}).`);
  }
}
