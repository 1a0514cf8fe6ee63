"""Measures the CPU time of splitting, cleaning and preparing normal sentences and adversarial texts.

For each language without a region, the benchmark measures the time to load the rules, the median and the longest time
for a normal sentence, and the longest time for a text of 600 characters. These longer texts consist of random
fragments, or repeat a fragment that causes excessive backtracking in badly written regular expressions. A second table
lists the markup fragments that take longest to remove, for texts that arrive in one piece and for texts that arrive
character by character.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from report import milliseconds, show

import wyoming_piper_serial
from wyoming_piper_serial.settings import TextSettings
from wyoming_piper_serial.text.cleaning import clean_sentence
from wyoming_piper_serial.text.frontend import Frontend
from wyoming_piper_serial.text.frontends import Frontends
from wyoming_piper_serial.text.markup import MarkupFilter
from wyoming_piper_serial.text.sentences import SentenceSplitter

_DATA = Path(wyoming_piper_serial.__file__).parent / "text" / "data"
_LENGTH = 600  # the default of --max-sentence
_REPEATS = 5
_USUAL = (
    "The temperature outside is -3.5 °C, and the wind is blowing at 30 km/h.",
    "Es sind 21,5 °C im Wohnzimmer, die Luftfeuchtigkeit beträgt 45 %.",
    "Le train part à 18:45 et le billet coûte 5,99 €.",
    "Сегодня 03.10.2024, ветер 5 м/с, это стоит 150 руб.",
    "今天是2024年10月3日，客厅温度是21.5°C，湿度是45%。",
    "Dr. Smith was born on March 5, 1999, and lives at 12 Main St. with J. R. Miller.",
    "All of the lights in the living room and in the kitchen are now turned off.",
)
_MARKUP = (
    "<think>¦</think>¦<b>¦<a ¦<a b=¦<a href='¦<!--¦<!¦<|¦<|channel|>¦<sup>¦<¦</b¦&amp;¦&a¦&¦[a¦](¦](a(¦](<¦"
    "][r]¦\n[r]: ¦[^1]¦[^a¦[[¦[[a¦]]¦![¦[¦]¦*¦**¦ * ¦*a¦a*¦1*¦`¦``¦`a¦```¦\n```a¦\n~~~¦\\¦\\a¦\\frac{¦$a¦^{¦"
    "\n¦\r\n¦\n- ¦\n* ¦\n- [¦\n1. ¦\n1¦\n# ¦\n|¦ | ¦|a¦a |\n¦\n>¦\n ¦# ¦a # ¦_¦_a¦a_¦~~¦==a¦=¦--¦...¦…¦。¦. ¦"
    "• ¦🎉¦\u200d🎉¦①¦ﷺ¦𝐀¦ᵃ¦\u0301¦a¦a ¦Word. ¦5¦ ¦\t¦【1¦†¦◁¦："
)
_FRAGMENTS = (
    "-¦−¦–5¦5¦5 ¦5.¦5,¦5-¦5:¦5/¦5'¦5’234¦1.234¦1,234¦10 000 ¦1.2.3¦0 30 ¦+4¦+49 ¦5 km ¦5km¦km/h¦5 km/¦5 A ¦$5¦$¦€¦5 €¦"
    "5 Mio. ¦%5¦5%¦°¦° C¦[[¦[[x]]¦]]¦a.¦A.¦A. ¦a¦A¦ab ¦v1.¦@¦a@¦a@b.¦http://¦www.¦::¦a:¦/a¦/¦..¦...¦!?¦(¦)¦((5¦'¦\"¦*¦**¦_¦"
    "`¦#¦|¦<¦<a>¦&amp;¦[a](¦](x)¦2024-03-05¦2024-¦10:30¦3.10.¦1st¦II ¦IV¦1/2¦½¦x²¦¾ ¦5x¦5 x 5 ¦№¦™¦℃¦\n¦\n\n¦"
    "\n- ¦\n1. ¦\t¦"
    "\u00a0¦\u202f¦\u200d¦é¦e\u0301¦字¦5字¦ก¦๕¦слово ¦г. ¦Dr. ¦z. B. ¦e.g. ¦No. 5 ¦St. ¦p. ¦Jan ¦Mon, ¦www.a.b/¦"
    "<think>¦```¦~~¦\\¦{¦$$¦=¦5=5¦√¦>¦5 > ¦#5 ¦& ¦§5 ¦¿¦«¦“¦…¦0042 ¦BA2490 ¦MMXX ¦5er ¦"
    "-5. ¦$5! ¦5! ¦5。¦A! ¦d'¦l'5 ¦No.¦5 – 6 ¦5–6"
)


def spoken(frontend: Frontend, text: str) -> list[str]:
    """Return the spoken form of each sentence in `text`."""
    splitter = SentenceSplitter(TextSettings())
    return [frontend.spoken(sentence) for sentence in [*splitter.feed(text), *splitter.finish()]]


def seconds(run: Callable[[], object]) -> float:
    """Call `run` several times. Return the CPU time of the fastest call."""
    times = []
    for _ in range(_REPEATS):
        begin = time.process_time()
        run()
        times.append(time.process_time() - begin)
    return min(times)


def filtered(chunks: Iterable[str]) -> None:
    """Remove the markup of a text that arrives in chunks."""
    markup = MarkupFilter()
    for chunk in chunks:
        markup.feed(chunk)
    markup.finish()


def markup_rows(size: int) -> list[list[str]]:
    """Return the times of the five slowest markup fragments, each repeated up to a length of `size` characters."""
    found: list[tuple[list[float], str]] = []
    for fragment in _MARKUP.split("¦"):
        text = (fragment * size)[:size]
        runs = (partial(filtered, [text]), partial(clean_sentence, text), partial(filtered, text))
        found.append(([seconds(run) for run in runs], repr(fragment)))
    found.sort(key=lambda row: max(row[0]), reverse=True)
    return [[name, *map(milliseconds, times)] for times, name in found[:5]]


def hostile_texts(rng: random.Random, count: int) -> Iterator[tuple[str, str]]:
    """Yield the name and the content of each adversarial text of 600 characters."""
    fragments = _FRAGMENTS.split("¦")
    for fragment in fragments:
        yield repr(fragment), (fragment * _LENGTH)[:_LENGTH]
        yield f"{fragment!r}, end", (fragment * _LENGTH)[: _LENGTH - 1] + "x"
    for _ in range(count):
        chosen = rng.choices(fragments, k=rng.randint(2, 4))
        yield repr(chosen), ("".join(chosen) * _LENGTH)[:_LENGTH]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help="codes such as de or en_GB; all by default")
    parser.add_argument("--random", type=int, default=50, metavar="N", help="texts of random fragments per language")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows = []
    for language in options.languages or sorted(path.stem for path in _DATA.glob("??.json")):
        begin = time.process_time()
        frontend = Frontends().frontend(language, "auto")
        loading = time.process_time() - begin
        usual = [seconds(partial(spoken, frontend, text)) for text in _USUAL]
        rng = random.Random(options.seed)  # noqa: S311 -- not used for secrets
        texts = hostile_texts(rng, options.random)
        hostile = max((seconds(partial(spoken, frontend, text)), name) for name, text in texts)
        rows.append(
            [
                language,
                milliseconds(loading),
                milliseconds(statistics.median(usual)),
                milliseconds(max(usual)),
                milliseconds(hostile[0]),
                hostile[1][:40],
            ]
        )
    show(
        "processor time of the text; at most 1 ms for a usual sentence and 10 ms for 600 characters",
        ("language", "load", "usual", "longest", "hostile", "worst fragment"),
        rows,
    )
    for size in (_LENGTH, 5000):
        header = ("fragment", "filter", "clean", "by character")
        show(f"processor time of {size} characters of markup", header, markup_rows(size))


if __name__ == "__main__":
    main()
