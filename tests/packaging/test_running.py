"""The commands, options, metrics and alerts in `docs/running.md` and `docs/scaling.md` exist."""

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.fleet import servers_for
from tests.packaging.queries import PACKAGING, ROOT, faults, names, rules, served
from wyoming_piper_serial import exceptions
from wyoming_piper_serial.cli.main import main
from wyoming_piper_serial.cli.parser import build_parser, parse_settings

_DOCS = ROOT / "docs"
_PAGES = ("running.md", "scaling.md")
_PROGRAM = "wyoming-piper-serial"
_ELSEWHERE = {
    "docs/install.md",
    "packaging/compose.yaml",
    "packaging/haproxy.cfg",
    f"packaging/{_PROGRAM}.service",
    "packaging/kubernetes/overlays/mine",
}
"""Files that are tested elsewhere, and the folder that the user creates."""


@pytest.fixture(params=_PAGES)
def page(request: pytest.FixtureRequest) -> str:
    """Return the text of a documentation page. Tests run once for each page."""
    name: str = request.param
    return (_DOCS / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> Iterator[str]:
    """Yield the lines of all code blocks in `language`, without comments and indentation."""
    for block in re.findall(rf"^ *```{language}\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE):
        yield from (line.strip() for line in block.splitlines() if line.strip() and not line.strip().startswith("#"))


def commands(text: str) -> Iterator[list[str]]:
    """Yield the arguments of each invocation of the program, in code blocks and inline code."""
    for line in (*blocks(text, "sh"), *re.findall(r"`([^`\n]+)`", text)):
        if line.startswith(f"{_PROGRAM} "):
            yield shlex.split(line, comments=True)[1:]


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    return {name for action in parser._actions for name in action.option_strings}


def options_in_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> set[str]:
    """Return the option names in the help of a command."""
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--help"])
    assert ended.value.code in {0, None}
    return set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))


def test_commands_are_accepted(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command on the page exists and has the options used there."""
    for arguments in commands(page):
        if arguments[0].startswith("-"):
            assert {one for one in arguments if one.startswith("--")} <= options_of(build_parser())
            continue
        words = [one for one in arguments[: 2 if arguments[0] == "voices" else 1] if not one.startswith("-")]
        known = options_in_help(words, capsys)
        assert {one for one in arguments if one.startswith("--")} <= known, arguments


def test_options_exist(page: str) -> None:
    """Each option mentioned in the text is an option of the server or of one of its commands. The same applies to
    environment variables."""
    known = options_of(build_parser())
    text = re.sub(r"^ *```.*?^ *```$|`script/bench [^`]*`", "", page, flags=re.DOTALL | re.MULTILINE)
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))
    # These are options of `voices list`, of `say` and pipx, and of `say`.
    assert named - known - {"--installed", "--force", "--output"} == set()
    variables = {f"--{name.lower().replace('_', '-')}" for name in re.findall(r"WYOMING_PIPER_SERIAL_([A-Z_]+)", page)}
    assert variables <= known


def test_the_config_file_is_accepted(tmp_path: Path) -> None:
    """The server accepts the config file on the page if its folders exist."""
    file = tmp_path / "piper.conf"
    lines = "\n".join(blocks((_DOCS / "running.md").read_text(encoding="utf-8"), "ini"))
    file.write_text(lines.replace("/srv/piper", str(tmp_path)), encoding="utf-8")
    (tmp_path / "voices").mkdir()
    settings = parse_settings(["--config", str(file)])
    assert settings.http.uri == "tcp://0.0.0.0:10280"
    assert len(settings.allow) == 2


def test_metrics_and_queries_exist(page: str) -> None:
    """Each metric on the page exists, and the queries use only existing metrics, labels and values."""
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in served()}
    assert names(page) <= families | recorded
    assert set(re.findall(r"\bprocess_[a-z_]+\b", page)) <= set(served())
    for query in blocks(page, "promql"):
        assert faults(query) == []


def test_every_alert_is_explained() -> None:
    """docs/running.md lists exactly the alerts in the Prometheus rules."""
    text = (_DOCS / "running.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(PiperSerial\w+)` \|", text, re.MULTILINE) == [
        rule["alert"] for rule in rules() if "alert" in rule
    ]


def test_alerts_exist(page: str) -> None:
    """Each alert mentioned on a page is defined in the rules."""
    assert set(re.findall(r"`(PiperSerial\w+)`", page)) <= {rule["alert"] for rule in rules() if "alert" in rule}


def test_error_codes_exist() -> None:
    """Each code in the table of refused requests is an error code of the server."""
    text = (_DOCS / "running.md").read_text(encoding="utf-8").rpartition("### It refuses requests")[2]
    errors = [error for error in vars(exceptions).values() if isinstance(error, type)]
    codes = {error.code for error in errors if issubclass(error, exceptions.PiperSerialError)}
    assert set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)) <= codes


def test_numbers_of_servers_follow_from_the_model() -> None:
    """The table in docs/scaling.md contains the numbers computed by the model, except for rounding."""
    text = (_DOCS / "scaling.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(?:x_low|low|medium|high)` \| (.*) \|$", text, re.MULTILINE)
    assert len(rows) == 4
    for row in rows:
        core, per_core, per_server, *servers, kilobits = (float(cell.replace(",", "")) for cell in row.split(" | "))
        assert per_core == pytest.approx(0.7 / core, rel=0.03)
        assert per_server == pytest.approx(1.3 * per_core, rel=0.03)
        for listeners, count in zip((100, 10_000, 1_000_000), servers, strict=True):
            assert count == pytest.approx(servers_for(listeners, factor=core / 1.3, use=0.7), rel=0.01, abs=1)
        assert kilobits in {256, 353}


def test_links_and_files_exist(page: str) -> None:
    """Each link points to an existing file and heading, and each file mentioned in the text exists in the
    repository."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page):
        path, _, heading = target.partition("#")
        assert path == "" or (_DOCS / path).exists(), target
        if heading:
            text = (_DOCS / path).read_text(encoding="utf-8") if path else page
            headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings}, target
    named = set(re.findall(r"(?<![\w/])(?:packaging|docs)/[\w./-]*[\w]", page))
    assert {name for name in named - _ELSEWHERE if not (ROOT / name).exists()} == set()


def test_benchmarks_exist(page: str) -> None:
    """The benchmarks mentioned on the pages exist and have the options used there."""
    programs = ROOT / "script" / "benchmarks"
    sources = "".join(file.read_text(encoding="utf-8") for file in programs.glob("*.py"))
    for line in (*blocks(page, "sh"), *re.findall(r"`([^`\n]+)`", page)):
        if line.startswith("script/bench "):
            name, *options = shlex.split(line, comments=True)[1:]
            assert (programs / f"{name}.py").is_file()
            assert all(f'"{option}"' in sources for option in options if option.startswith("--")), line


def test_the_manifests_are_those_of_the_page() -> None:
    """All Kubernetes object names on the page exist in the manifests."""
    text = (_DOCS / "scaling.md").read_text(encoding="utf-8")
    manifests = "".join(file.read_text(encoding="utf-8") for file in (PACKAGING / "kubernetes").rglob("*.yaml"))
    assert {f"name: {name}\n" for name in re.findall(r"wyoming-piper-serial(?:-servers)?", text)} <= {
        f"{line.strip()}\n" for line in manifests.splitlines()
    }
