// What the browser remembers. Storage may be blocked (private windows, cookies off): then nothing is remembered.

function guarded(storage, use) {
  try {
    return use(window[storage]);
  } catch {
    return null;
  }
}

/** The remembered string, or null. */
export const recall = (name) => guarded("localStorage", (kept) => kept.getItem(`piper-${name}`));

export const remember = (name, value) => guarded("localStorage", (kept) => kept.setItem(`piper-${name}`, value));

let token = guarded("sessionStorage", (kept) => kept.getItem("piper-token")) ?? "";

/** The token for this tab; empty if none was given. */
export const currentToken = () => token;

export function keepToken(value) {
  token = value;
  guarded("sessionStorage", (kept) => kept.setItem("piper-token", value));
}
