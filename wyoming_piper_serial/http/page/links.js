// Links that open the page with a text and voice settings.

/** Returns the parameters `text`, `voice`, `speaker`, `speed` and `autoplay` from the page's URL. Removes the
 * query from the URL, so that a reload keeps any text that was typed in the meantime. */
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

/** Returns a link to this page with a text and voice settings. */
export function linkTo(text, choices) {
  const url = new URL(location.href);
  url.search = new URLSearchParams({ text, ...choices });
  url.hash = "";
  return url.href;
}

/** Copies `link` to the clipboard. If the browser does not allow this, for example on plain http, shows the link in
 * `field` and selects it. Returns whether the link was copied. */
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
