// Settings that the browser remembers. If storage is blocked (private windows, cookies off), nothing is remembered.

function guarded(storage, use) {
  try {
    return use(window[storage]);
  } catch {
    return null;
  }
}

/** Returns the remembered string, or null. */
export const recall = (name) => guarded("localStorage", (store) => store.getItem(`piper-${name}`));

export const remember = (name, value) => guarded("localStorage", (store) => store.setItem(`piper-${name}`, value));

/** The same, but only for this tab and until it is closed. Texts are private. */
export const recallHere = (name) => guarded("sessionStorage", (store) => store.getItem(`piper-${name}`));

export const rememberHere = (name, value) =>
  guarded("sessionStorage", (store) => store.setItem(`piper-${name}`, value));

let token = guarded("sessionStorage", (store) => store.getItem("piper-token")) ?? "";

/** Returns the token for this tab; empty if there is none. */
export const currentToken = () => token;

export function keepToken(value) {
  token = value;
  guarded("sessionStorage", (store) => store.setItem("piper-token", value));
}
