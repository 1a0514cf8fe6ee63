// Settings that the browser stores. If storage is blocked (private windows, cookies disabled), nothing is stored.

function guarded(storage, use) {
  try {
    return use(window[storage]);
  } catch {
    return null;
  }
}

/** Returns the stored string, or null. */
export const recall = (name) => guarded("localStorage", (store) => store.getItem(`piper-${name}`));

export const remember = (name, value) => guarded("localStorage", (store) => store.setItem(`piper-${name}`, value));

/** Like `recall`, but the string is stored only until this tab is closed. Used for texts, which are private. */
export const recallHere = (name) => guarded("sessionStorage", (store) => store.getItem(`piper-${name}`));

export const rememberHere = (name, value) =>
  guarded("sessionStorage", (store) => store.setItem(`piper-${name}`, value));

let token = guarded("sessionStorage", (store) => store.getItem("piper-token")) ?? "";

/** Returns the token for this tab, or an empty string if there is none. */
export const currentToken = () => token;

export function keepToken(value) {
  token = value;
  guarded("sessionStorage", (store) => store.setItem("piper-token", value));
}
