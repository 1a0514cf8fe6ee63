// Helpers that create elements of the page.

/** Returns a new element. `properties` are set as properties, or as attributes if the name contains a dash or is `role`
 * or `for`. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "for") {
      element.setAttribute(name, value);
    } else {
      element[name] = value;
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

let lastId = 0;

/** Returns a form field, which consists of a label and a control. `hint` explains the control. */
export function field(words, control, hint = "") {
  lastId += 1;
  control.id ||= `voices-field-${lastId}`;
  const parts = [make("label", { for: control.id, textContent: words }), control];
  if (hint !== "") {
    const help = make("p", { className: "hint", id: `${control.id}-hint`, textContent: hint });
    control.setAttribute("aria-describedby", help.id);
    parts.push(help);
  }
  return make("div", { className: "field" }, ...parts);
}

/** Returns a button. `about` completes its label for screen readers, because many rows have the same buttons. */
export function button(words, about, onClick, className = "") {
  const made = make("button", { type: "button", className });
  label(made, words, about);
  made.addEventListener("click", onClick);
  return made;
}

/** Sets the words of a button, and its label for screen readers. */
export function label(button, words, about) {
  button.textContent = words;
  if (about !== "") {
    button.setAttribute("aria-label", `${words}: ${about}`);
  }
}

/** Shows the message of an error in `place`; `null` hides it. */
export function showProblem(place, error) {
  place.hidden = error === null;
  place.textContent = error?.message ?? "";
}

/** Announces `words` about the voices to users of screen readers. */
export function announce(words) {
  document.getElementById("voices-news").textContent = words;
}

/** Formats a number of bytes, such as `63 MB`. */
export function size(bytes) {
  const megabytes = bytes / 1e6;
  return megabytes < 9.95 ? `${Math.max(0.1, megabytes).toFixed(1)} MB` : `${Math.round(megabytes)} MB`;
}
