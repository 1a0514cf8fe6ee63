// Links that open the page with a text and choices.

/** Returns the `text`, `voice`, `speaker`, `speed` and `autoplay` of the page's address, as far as they are given.
 * Removes them from the address, so that a reload shows what was typed since. */
export function takeLink() {
  const url = new URL(location.href);
  const link = {};
  for (const name of ["text", "voice", "speaker"]) {
    if (url.searchParams.has(name)) {
      link[name] = url.searchParams.get(name);
    }
  }
  const speed = Number(url.searchParams.get("speed"));
  if (speed > 0) {
    link.speed = speed;
  }
  link.autoplay = url.searchParams.has("autoplay") && !["0", "false", "no"].includes(url.searchParams.get("autoplay"));
  if (url.search !== "") {
    url.search = "";
    history.replaceState(null, "", url);
  }
  return link;
}

/** Returns a link to this page with a text and choices. */
export function linkTo(text, choices) {
  const url = new URL(location.href);
  url.search = new URLSearchParams({ text, ...choices });
  url.hash = "";
  return url.href;
}

/** Copies `link`. If the browser does not allow it, which is so on plain http, shows it in `field`, selected. Returns
 * whether it was copied. */
export async function copyLink(link, field) {
  try {
    await navigator.clipboard.writeText(link);
    field.parentElement.hidden = true;
    return true;
  } catch {
    field.parentElement.hidden = false;
    field.value = link;
    field.focus();
    field.select();
    return false;
  }
}
