"""The main program of a phonemizer process. It reads requests from stdin and writes answers to stdout.

Each request and each answer is one line of JSON. An answer contains `"answer"` or `"error"`, and the processor time in
`"seconds"`. The process exits at the end of stdin, so it does not outlive the server. The process also exits when it
runs out of memory.

The server does not import this module. The module has few imports, so that an espeak-ng process starts within a few
hundredths of a second and uses about 15 MB of memory.
"""

import contextlib
import json
import os
import resource
import signal
import time
from collections.abc import Callable
from importlib.machinery import ExtensionFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, BinaryIO

Handler = Callable[[dict[str, Any]], Any]
"""Returns the answer to a request. May raise any exception."""

_TASHKEEL_THRESHOLD = 0.8  # Arabic letters with a higher score get a sukun (no vowel). The default of piper-tts.


def main(memory: str) -> None:
    """Answers requests until the end of stdin. `memory` is the memory limit for this process, in bytes."""
    _protect(int(memory))
    requests, answers = _take_standard_streams()
    handlers = Handlers()
    for line in requests:
        request = json.loads(line)
        begin = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, request["seconds"])
        try:
            answer = {"answer": handlers.answer(request)}
        except MemoryError:
            raise  # ends this process, because later requests would fail too; the server then starts a new process
        except Exception as error:  # noqa: BLE001 -- phonemizers raise many types of exceptions
            answer = {"error": repr(error)}
        signal.setitimer(signal.ITIMER_PROF, 0)
        answer["seconds"] = time.process_time() - begin
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _protect(memory: int) -> None:
    # Ctrl-C in a terminal sends SIGINT to all processes of the server, and systemd sends SIGTERM to all of them. This
    # process must keep running, because the server may still need phonemes to finish its requests.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # The processor time timer sends SIGPROF. The default action of SIGPROF terminates the process, even while C code is
    # running.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would contain private text
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    # Makes the kernel kill this process instead of the server if the machine runs out of memory. In some containers,
    # `oom_score_adj` is not writable.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def _take_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """Returns the pipe from the server and the pipe to the server. Redirects stdin and stdout, so that libraries cannot
    use these pipes."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


class Handlers:
    """The phonemizers in this process. Each phonemizer is loaded on first use."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[str, str], Handler] = {}

    def answer(self, request: dict[str, Any]) -> Any:
        """Returns the answer to a request. Exceptions from the phonemizer are passed on.

        For the kinds `espeak` and `arabic`, the answer is a list of clauses: (phonemes, terminator, ends_sentence). For
        other kinds, the answer is a list of sentences, each of which is a list of phonemes.
        """
        key = request["kind"], request["folder"]
        if key not in self._loaded:
            self._loaded[key] = _LOADERS[request["kind"]](Path(request["folder"]))
        return self._loaded[key](request)


def load_espeak() -> Any:
    """Loads the extension module of piper-tts that contains espeak-ng, without importing the `piper` package.

    Importing the package would take half a second and 100 MB of memory. Raises ModuleNotFoundError if piper-tts is not
    installed.
    """
    spec = find_spec("piper")  # `find_spec` finds a package without importing it
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("No module named 'piper'")
    folder = Path(spec.submodule_search_locations[0])
    found = next(iter(sorted(folder.glob("espeakbridge*.so"))), folder / "espeakbridge.so")
    loader = ExtensionFileLoader("espeakbridge", str(found))
    bridge = module_from_spec(_checked(spec_from_file_location("espeakbridge", found, loader=loader)))
    loader.exec_module(bridge)
    bridge.initialize(str(folder / "espeak-ng-data"))
    return bridge


def _checked(spec: Any) -> Any:
    if spec is None:
        raise ModuleNotFoundError("No module named 'espeakbridge'")
    return spec


def _espeak(_folder: Path) -> Handler:
    bridge = load_espeak()
    current: str | None = None

    def clauses(request: dict[str, Any]) -> Any:
        nonlocal current
        # espeak-ng reads the dictionary of the language each time a voice is set, even if the same voice is already
        # set. For Russian, reading the dictionary takes 10 ms.
        if request["voice"] != current:
            current = None  # after an error, espeak-ng may have changed only some settings of the voice
            bridge.set_voice(request["voice"])
            current = request["voice"]
        return bridge.get_phonemes(request["text"])

    return clauses


def _arabic(folder: Path) -> Handler:
    """Returns a handler that adds the missing vowels to Arabic text and then passes it to espeak-ng."""
    from piper.tashkeel import TashkeelDiacritizer  # noqa: PLC0415 -- a slow import that only Arabic needs

    diacritize, clauses = TashkeelDiacritizer(), _espeak(folder)

    def with_vowels(request: dict[str, Any]) -> Any:
        text = diacritize(request["text"], taskeen_threshold=_TASHKEEL_THRESHOLD)
        return clauses(request | {"text": text})

    return with_vowels


def _hebrew(_folder: Path) -> Handler:
    from piper.phonemize_hebrew import HebrewPhonemizer  # noqa: PLC0415 -- see _arabic

    return _of_text(HebrewPhonemizer())


def _japanese(_folder: Path) -> Handler:
    from piper.phonemize_japanese import JapanesePhonemizer  # noqa: PLC0415 -- see _arabic

    return _of_text(JapanesePhonemizer())


def _thai(_folder: Path) -> Handler:
    from piper.phonemize_thai import ThaiPhonemizer  # noqa: PLC0415 -- see _arabic

    return _of_text(ThaiPhonemizer())


def _pinyin(folder: Path) -> Handler:
    # `transformers` reads this variable when it is imported. Without this setting, `transformers` would download the
    # tokenizer, and would wait for minutes if there is no network.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from piper.phonemize_chinese import ChinesePhonemizer  # noqa: PLC0415 -- see _arabic

    phonemizer = ChinesePhonemizer(folder)
    check_tokenizer(phonemizer.g2p.tokenizer)
    return _of_text(phonemizer)


def check_tokenizer(tokenizer: Any) -> None:
    """Raises FileNotFoundError if the tokenizer has no vocabulary. `transformers` does not report this."""
    if tokenizer.convert_tokens_to_ids("的") in (None, tokenizer.unk_token_id):
        raise FileNotFoundError("the tokenizer named by model_source in g2pW/config.py is not on this machine")


def _of_text(phonemizer: Any) -> Handler:
    return lambda request: phonemizer.phonemize(request["text"])


_LOADERS: dict[str, Callable[[Path], Handler]] = {
    "espeak": _espeak,
    "arabic": _arabic,
    "hebrew": _hebrew,
    "japanese": _japanese,
    "thai": _thai,
    "pinyin": _pinyin,
}
