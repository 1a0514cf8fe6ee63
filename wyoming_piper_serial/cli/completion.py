"""The command `completion`: prints a shell script that completes commands, options and voice names."""

import argparse
from collections.abc import Iterator, Mapping, Sequence

from wyoming_piper_serial.cli import COMMANDS, PROGRAM
from wyoming_piper_serial.cli.command_parser import CommandParser

_VOICE_OPTIONS = ("--voice", "--preload")
_VOICE_COMMANDS = ("show", "check", "download", "remove")
_LIST_VOICES = "voices list 2>/dev/null | awk 'NR > 1 {print $1}'"
_FUNCTION = "_wyoming_piper_serial"


def main(argv: Sequence[str]) -> int:
    """Runs `completion SHELL` and returns the exit code, which is 0."""
    args = parser().parse_args(argv[1:])
    print({"bash": _bash, "zsh": _zsh, "fish": _fish}[args.shell](), end="")
    return 0


def parser() -> CommandParser:
    made = CommandParser(
        prog=f"{PROGRAM} completion",
        description="Print a shell script that completes commands, options and voice names.",
        epilog=f'bash, in ~/.bashrc:  eval "$({PROGRAM} completion bash)"\n'
        f'zsh, in ~/.zshrc:    eval "$({PROGRAM} completion zsh)"\n'
        f"fish, once:          {PROGRAM} completion fish > ~/.config/fish/completions/{PROGRAM}.fish",
    )
    made.add_argument("shell", choices=("bash", "zsh", "fish"), metavar="SHELL", help="bash, zsh or fish")
    return made


def _parsers() -> Mapping[str, argparse.ArgumentParser]:
    """Returns the parser of each command by name. The server's parser has an empty name."""
    from wyoming_piper_serial.cli import health, phonemes, say, voices  # noqa: PLC0415 -- slow imports
    from wyoming_piper_serial.cli.parser import build_parser  # noqa: PLC0415

    found: dict[str, argparse.ArgumentParser] = {"": build_parser(), "voices": voices.parser()}
    found |= {"say": say.parser(), "health": health.parser(), "phonemes": phonemes.parser(), "completion": parser()}
    found |= {f"voices {name}": one for name, one in _subcommands(found["voices"]).items()}
    return found


def _subcommands(parent: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    choices = next((action.choices for action in parent._actions if action.dest == "command"), None)  # noqa: SLF001
    return choices if isinstance(choices, dict) else {}


def _options(one: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yields the options of a parser. argparse has no public API to list them."""
    return (action for action in one._actions if action.option_strings)  # noqa: SLF001


def _words(command: str, one: argparse.ArgumentParser) -> list[str]:
    """Returns the words that can follow a command: its subcommands and options."""
    words = {"": list(COMMANDS), "voices": list(_subcommands(one)), "completion": ["bash", "zsh", "fish"]}
    return [*words.get(command, []), *(name for action in _options(one) for name in action.option_strings)]


def _kind(action: argparse.Action) -> str:
    """Returns the kind of value that an option takes: `voice`, `file`, `folder`, the possible values separated by
    spaces, or an empty string for any value."""
    if set(action.option_strings) & set(_VOICE_OPTIONS):
        return "voice"
    if action.choices is not None:
        return " ".join(map(str, action.choices))
    return {"FILE": "file", "DIR": "folder"}.get(str(action.metavar), "")


def _bash() -> str:
    parsers = _parsers()
    names: dict[str, list[str]] = {}
    for one in parsers.values():
        for action in _options(one):
            if action.nargs != 0:
                names.setdefault(_kind(action), []).extend(action.option_strings)
    replies = {
        "voice": f'COMPREPLY=($(compgen -W "$("$program" {_LIST_VOICES})" -- "$word"))',
        "file": 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word"))',
        "folder": 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$word"))',
    }
    by_option = "".join(
        f"    {'|'.join(dict.fromkeys(names[kind]))})\n        {replies.get(kind) or _reply(kind)}; return ;;\n"
        for kind in sorted(names)
    )
    by_command = "".join(
        f"    {command!r}) words={' '.join(_words(command, one))!r} ;;\n" for command, one in parsers.items()
    )
    return f"""\
# Completion of {PROGRAM}. In ~/.bashrc: eval "$({PROGRAM} completion bash)"
{_FUNCTION}() {{
    local program=${{COMP_WORDS[0]}} word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
    local command='' words=''
    if [[ $word == = ]]; then word=''; elif [[ $before == = ]]; then before=${{COMP_WORDS[COMP_CWORD-2]}}; fi
    if ((COMP_CWORD > 1)); then
        case ${{COMP_WORDS[1]}} in {"|".join(COMMANDS)}) command=${{COMP_WORDS[1]}} ;; esac
    fi
    if ((COMP_CWORD > 2)) && [[ $command == voices ]]; then command="voices ${{COMP_WORDS[2]}}"; fi
    case $before in
{by_option}    esac
    case $command in
{by_command}    esac
    case $command in 'voices {"'|'voices ".join(_VOICE_COMMANDS)}')
        if [[ $word != -* ]]; then {replies["voice"]}; return; fi ;;
    esac
    {_reply("$words")}
}}
complete -F {_FUNCTION} {PROGRAM}
"""


def _reply(words: str) -> str:
    return f'COMPREPLY=($(compgen -W "{words}" -- "$word"))'


def _zsh() -> str:
    return f"autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n{_bash()}"


def _fish() -> str:
    lines = [f"# Completion of {PROGRAM}", f"complete -c {PROGRAM} -f"]
    lines += [_fish_line("", f"-a {name} -d {_quoted(text)}") for name, text in COMMANDS.items()]
    for command, one in _parsers().items():
        lines += [_fish_line(command, f"-a {name}") for name in _words(command, one) if command and name[0] != "-"]
        if command.removeprefix("voices ") in _VOICE_COMMANDS:
            lines.append(_fish_line(command, f"-a {_quoted(f'({PROGRAM} {_LIST_VOICES})')}"))
        lines += [_fish_line(command, _fish_option(action)) for action in _options(one)]
    return "".join(f"{line}\n" for line in lines)


def _fish_line(command: str, what: str) -> str:
    first, _, second = command.partition(" ")
    if second:
        condition = f"__fish_seen_subcommand_from {first}; and __fish_seen_subcommand_from {second}"
    elif first == "voices":
        condition = "__fish_seen_subcommand_from voices; and test (count (commandline -opc)) -eq 2"
    else:
        condition = f"__fish_seen_subcommand_from {first}" if first else "__fish_use_subcommand"
    return f"complete -c {PROGRAM} -n {_quoted(condition)} {what}"


def _fish_option(action: argparse.Action) -> str:
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in action.option_strings)
    text = _quoted((action.help or "").replace("%%", "%"))
    if action.nargs == 0:
        return f"{names} -d {text}"
    kind = _kind(action)
    if kind in {"file", "folder"}:
        return f"{names} -r -F -d {text}"
    words = f"({PROGRAM} {_LIST_VOICES})" if kind == "voice" else kind
    return f"{names} -x{words and f' -a {_quoted(words)}'} -d {text}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
