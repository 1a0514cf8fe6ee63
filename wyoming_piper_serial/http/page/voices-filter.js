// Filters and sorts the voices. Pure functions.

const plain = (text) =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[_-]/g, " ");

const isHere = (voice) => voice.missing === 0 || voice.preset !== null;

/** Returns the voices that match, in the order in which they are shown: the default voice, downloads in progress,
 * voices on this machine, other voices. `language` is a code such as `en_US` or `en`, and `where` is `here` or
 * `elsewhere`. Empty criteria match everything. */
export function matching(voices, { search = "", language = "", quality = "", where = "" }) {
  const words = plain(search).split(/\s+/).filter(Boolean);
  return voices
    .filter((voice) => language === "" || voice.language === language || voice.language.split("_")[0] === language)
    .filter((voice) => quality === "" || voice.quality === quality)
    .filter((voice) => where === "" || isHere(voice) === (where === "here"))
    .filter((voice) => {
      const text = plain(`${voice.title} ${voice.name} ${voice.language_name} ${voice.language}`);
      return words.every((word) => text.includes(word));
    })
    .sort(order);
}

function order(one, other) {
  const rank = (voice) => (voice.is_default ? 0 : voice.state === "downloading" ? 1 : isHere(voice) ? 2 : 3);
  return (
    rank(one) - rank(other) ||
    one.language_name.localeCompare(other.language_name, "en") ||
    one.title.localeCompare(other.title, "en") ||
    one.name.localeCompare(other.name, "en")
  );
}

/** Returns the languages of the voices as [code, name], sorted by name. A language with several regions also has an
 * entry for all regions. */
export function languagesOf(voices) {
  const regions = new Map();
  voices.forEach((voice) => regions.set(voice.language, voice.language_name));
  const found = [...regions];
  const families = Map.groupBy
    ? Map.groupBy(found, ([code]) => code.split("_")[0])
    : found.reduce((groups, pair) => {
        const family = pair[0].split("_")[0];
        return groups.set(family, [...(groups.get(family) ?? []), pair]);
      }, new Map());
  for (const [family, members] of families) {
    if (members.length > 1) {
      found.push([family, `${members[0][1].replace(/ \(.*\)$/, "")} (all)`]);
    }
  }
  return found.sort(([, one], [, other]) => one.localeCompare(other, "en"));
}

const QUALITIES = ["x low", "low", "medium", "high"];

/** Returns the qualities of the voices, from lowest to highest. Unknown qualities come last. */
export function qualitiesOf(voices) {
  const rank = (quality) => (QUALITIES.includes(quality) ? QUALITIES.indexOf(quality) : QUALITIES.length);
  return [...new Set(voices.map((voice) => voice.quality))]
    .filter(Boolean)
    .sort((one, other) => rank(one) - rank(other) || one.localeCompare(other, "en"));
}
