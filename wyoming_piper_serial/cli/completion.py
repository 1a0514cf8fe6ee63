"""The command `completion`: prints a shell script that completes commands, options and voice names."""

import argparse
from collections.abc import Iterator, Mapping, Sequence

from wyoming_piper_serial.cli import COMMANDS, PROGRAM
from wyoming_piper_serial.cli.command_parser import CommandParser

_VOICE_OPTIONS = ("--voice", "--preload")
_TAKING_VOICES = ("voices show", "voices check", "voices download", "voices remove")
_INSTALLED_ONLY = ("phonemes", "voices check", "voices remove")
"""Commands that accept only voices on this machine."""

_FUNCTION = "_wyoming_piper_serial"
_FISH_START = "test (count (commandline -opc)) -eq 1"


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


def _first_words(command: str, one: argparse.ArgumentParser) -> list[str]:
    """Returns the words that can directly follow a command, besides its options and the names of voices."""
    words = {"": COMMANDS, "voices": _subcommands(one), "completion": ("bash", "zsh", "fish")}
    return list(words.get(command, ()))


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
        "voice": f'COMPREPLY=($(compgen -W "$("$program" {_list_voices("$installed")})" -- "$word"))',
        "file": 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word"))',
        "folder": 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$word"))',
    }
    by_option = "".join(
        f"    {'|'.join(dict.fromkeys(names[kind]))})\n        {replies.get(kind) or _reply(kind)} ;;\n"
        for kind in sorted(names)
    )
    by_command = "".join(
        f"    {command!r}) first={' '.join(_first_words(command, one))!r} "
        f"words={' '.join(name for action in _options(one) for name in action.option_strings)!r} ;;\n"
        for command, one in parsers.items()
    )
    taking_voices, installed_only = ("|".join(map(repr, commands)) for commands in (_TAKING_VOICES, _INSTALLED_ONLY))
    return f"""\
# Completion of {PROGRAM}. In ~/.bashrc: eval "$({PROGRAM} completion bash)"
{_FUNCTION}() {{
    local program=${{COMP_WORDS[0]}} word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
    local command='' first='' words='' installed='' prefix='' begin=1
    # bash splits --option=value into three words, and zsh does not split it
    if [[ $word == = ]]; then word=''; elif [[ $before == = ]]; then before=${{COMP_WORDS[COMP_CWORD-2]}}; fi
    if [[ $word == --*=* ]]; then before=${{word%%=*}} prefix=${{word%%=*}}= word=${{word#*=}}; fi
    if ((COMP_CWORD > 1)); then
        case ${{COMP_WORDS[1]}} in {"|".join(COMMANDS)}) command=${{COMP_WORDS[1]}} begin=2 ;; esac
    fi
    if ((COMP_CWORD > 2)) && [[ $command == voices ]]; then command="voices ${{COMP_WORDS[2]}}"; fi
    case $command in {installed_only}) installed=--installed ;; esac
    case $command in
{by_command}    esac
    if ((COMP_CWORD > begin)); then first=''; fi
    case $before in
{by_option}    *) case $command:$word in
        *:-*) {_reply("$words")} ;;
        {taking_voices.replace("'|", "':*|")}:*) {replies["voice"]} ;;
        *) {_reply("$first $words")} ;;
        esac ;;
    esac
    [[ -z $prefix ]] || COMPREPLY=("${{COMPREPLY[@]/#/$prefix}}")
}}
complete -F {_FUNCTION} {PROGRAM}
"""


def _reply(words: str) -> str:
    return f'COMPREPLY=($(compgen -W "{words}" -- "$word"))'


def _list_voices(options: str) -> str:
    """Returns the arguments that make this program list voices, and a filter that keeps only their names."""
    return f"voices list {options} 2>/dev/null | awk 'NR > 1 {{print $1}}'"


def _zsh() -> str:
    return f"""\
(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit }}
autoload -Uz bashcompinit && bashcompinit
{_bash()}"""


def _fish() -> str:
    """Returns the functions that test the words before the cursor, and the `complete` commands that use them as
    conditions."""
    parsers = _parsers()
    lines = [
        f"# Completion of {PROGRAM}",
        f"function {_FUNCTION} -d 'Whether the words before the cursor begin with a command'",
        "    set -l words (commandline -opc)",
        '    string match -q -- "$argv *" "$words[2..-1] "',
        "end",
        f"function {_FUNCTION}_first -d 'Whether a command is directly before the cursor'",
        f"    {_FUNCTION} $argv; and test (count (commandline -opc)) -eq (math 1 + (count $argv))",
        "end",
        f"function {_FUNCTION}_none -d 'Whether no command is before the cursor'",
        f'    set -l words (commandline -opc); not contains -- "$words[2]" {" ".join(COMMANDS)}',
        "end",
        f"complete -c {PROGRAM} -f",
    ]
    for command, one in parsers.items():
        first = _first_words(command, one)
        texts = COMMANDS if not command else dict.fromkeys(first, "")
        start = f"{_FUNCTION}_first {command}" if command else _FISH_START
        lines += [_fish_line(start, f"-a {name} -d {_quoted(texts[name])}") for name in first]
        condition = f"{_FUNCTION} {command}" if command else f"{_FUNCTION}_none"
        if command in _TAKING_VOICES:
            lines.append(_fish_line(condition, f"-a {_quoted(_fish_voices(command))}"))
        lines += [_fish_line(condition, one) for action in _options(one) for one in _fish_option(command, action)]
    return "".join(f"{line}\n" for line in lines)


def _fish_line(condition: str, what: str) -> str:
    return f"complete -c {PROGRAM} -n {_quoted(condition)} {what}"


def _fish_voices(command: str) -> str:
    return f"({PROGRAM} {_list_voices('--installed' if command in _INSTALLED_ONLY else '')})"


def _fish_option(command: str, action: argparse.Action) -> Iterator[str]:
    """Yields the arguments of `complete` for the values of an option, if they are known, and for the option itself. The
    values have no description, because fish would repeat the description of the option for each value."""
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in action.option_strings)
    text = _quoted((action.help or "").replace("%%", "%"))
    kind = _kind(action)
    takes = "" if action.nargs == 0 else "-r -F " if kind in {"file", "folder"} else "-x "
    if takes == "-x " and kind:
        yield f"{names} -x -a {_quoted(_fish_voices(command) if kind == 'voice' else kind)}"
    yield f"{names} {takes}-d {text}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
