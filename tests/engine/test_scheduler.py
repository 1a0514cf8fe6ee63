"""The scheduler decides which utterance gets the next step, and how large the step is."""

from dataclasses import replace
from typing import Any

import pytest

from tests.engine.machines import Listener, Machine
from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work
from wyoming_piper_serial.engine.decoding import FIRST_WINDOW, VOCODER_MARGIN
from wyoming_piper_serial.engine.plan import SIZES
from wyoming_piper_serial.engine.release import TRANSPORT
from wyoming_piper_serial.engine.scheduler import Step, choose, choose_fifo
from wyoming_piper_serial.settings import Priority

FRAME = 0.0116
NOW = 100.0


def candidate(number: int, **changes: Any) -> Candidate:
    """Return a candidate that has not started, so its first sentence is not encoded yet."""
    usual: dict[str, Any] = {
        "voice": "v",
        "since": NOW,
        "deadline": None,
        "encode": 100,
        "frames": 0,
        "chunks": 0,
        "frame_seconds": FRAME,
        "rest": 5.0,
    }
    return Candidate(number=number, **usual | changes)


def playing(number: int, buffered: float, **changes: Any) -> Candidate:
    """Return a candidate in the middle of a sentence, whose listener has `buffered` seconds of audio."""
    middle: dict[str, Any] = {"deadline": NOW + buffered, "encode": 0, "frames": 400, "chunks": 2, "rest": 400 * FRAME}
    return candidate(number, **middle | changes)


def known_costs(*, encode: float = 0.1, frame: float = 0.0005) -> StepCosts:
    costs = StepCosts()
    for _ in range(50):  # enough steps to make the deviation negligible
        costs.add(Work("v", Kind.ENCODE, 100), encode)
        for frames in (20, 40, 64, 96, 160):
            costs.add(Work("v", Kind.DECODE, frames), frame * frames)
    return costs


def test_nothing_is_chosen_without_candidates() -> None:
    """Without candidates, no step is chosen."""
    assert choose([], NOW, StepCosts()) is None
    assert choose_fifo([]) is None


def test_the_oldest_of_those_that_wait_starts_first() -> None:
    """If no listener is playing, the candidate that arrived first starts first."""
    candidates = [candidate(3, since=NOW - 1), candidate(1, since=NOW - 3), candidate(2, since=NOW - 2)]
    assert choose(candidates, NOW, known_costs()) == Step(1)


def test_fifo_goes_by_arrival_of_text_and_then_by_number() -> None:
    """Requests are served in the order in which their text arrived, and in the order of their numbers if the times
    are equal."""
    late, early = candidate(1, since=NOW), candidate(2, since=NOW - 1)
    assert choose_fifo([late, early]) == choose_fifo([early]) == Step(2)
    assert choose_fifo([candidate(4), candidate(3)]) == Step(3)


def test_the_first_sentence_is_encoded_and_then_decoded_in_a_small_chunk() -> None:
    """The first step of a single request encodes a sentence. The first chunk is small, so the first audio arrives
    early."""
    assert choose([candidate(1)], NOW, known_costs()) == Step(1, frames=None)
    assert choose([candidate(1, encode=0, frames=400)], NOW, known_costs()) == Step(1, frames=20)
    assert choose([candidate(1, encode=0, frames=7)], NOW, known_costs()) == Step(1, frames=7)


def test_the_first_chunk_is_larger_with_others_there() -> None:
    """If there are other requests, the first chunk is larger, because its audio must last until the listener's next
    step. Exact speech is an exception, because its chunk sizes are fixed."""
    encoded = candidate(1, encode=0, frames=400)
    for other in (candidate(2), playing(2, buffered=3.0)):
        assert choose([encoded, other], NOW, known_costs()) == Step(1, frames=40)
        assert choose([replace(encoded, exact=True), other], NOW, known_costs()) == Step(1, frames=20)


def test_a_newcomer_starts_before_those_that_can_wait() -> None:
    """If every listener has several seconds of audio in its buffer, a new request gets the next step."""
    assert choose([playing(1, buffered=3.0), candidate(2)], NOW, known_costs()) == Step(2)


def test_an_underrun_is_prevented_before_a_newcomer_starts() -> None:
    """A listener about to have an underrun gets the next step ahead of a new request."""
    assert choose([playing(1, buffered=0.15), candidate(2)], NOW, known_costs()) == Step(1, frames=96)


def test_the_earliest_deadline_gets_the_step() -> None:
    """The listener with the earliest deadline gets the next step, not the listener whose request arrived first."""
    candidates = [playing(1, buffered=2.0), playing(2, buffered=1.0), playing(3, buffered=3.0)]
    step = choose(candidates, NOW, known_costs())
    assert step is not None
    assert step.number == 2


def test_a_newcomer_waits_while_the_voice_is_fully_used() -> None:
    """A new request does not start while the listeners need the full capacity of the voice, even if they have some
    audio."""
    crowd = [playing(number, buffered=1.0, rest=60.0) for number in range(1, 12)]
    fully_used = known_costs(frame=FRAME / 11)
    assert choose([*crowd, candidate(99)], NOW, fully_used) != Step(99)
    assert choose([*crowd[:5], candidate(99)], NOW, fully_used) == Step(99)


def test_work_that_is_due_later_counts_too() -> None:
    """A new request waits if the voice could not supply both the request and the listeners' later speech."""
    crowd = [playing(number, buffered=5.0, rest=60.0) for number in range(1, 7)]
    assert choose([*crowd, candidate(99, rest=60.0)], NOW, known_costs(frame=FRAME / 6)) != Step(99)
    assert choose([*crowd, candidate(99, rest=60.0)], NOW, known_costs(frame=FRAME / 12)) == Step(99)


def test_listeners_with_a_full_buffer_count_too() -> None:
    """A listener with a full buffer gets no step, but the later work for this listener counts when the scheduler
    decides whether a new request starts."""
    crowd = [playing(number, buffered=20.0, rest=600.0, ready=False) for number in range(1, 12)]
    ready = playing(12, buffered=2.0, rest=60.0)
    assert choose([*crowd, ready, candidate(99)], NOW, known_costs(frame=FRAME / 10)) == Step(12, frames=96)
    assert choose([*crowd, candidate(99)], NOW, known_costs(frame=FRAME / 10)) == Step(99), "the voice is not left idle"


def test_listeners_that_are_nearly_done_make_room() -> None:
    """Listeners whose audio is almost complete do not delay a new request."""
    crowd = [playing(number, buffered=1.5, rest=0.5, frames=43) for number in range(1, 12)]
    assert choose([*crowd, candidate(99)], NOW, known_costs(frame=FRAME / 11)) == Step(99)


@pytest.mark.parametrize(
    ("buffered", "frames"), [(-1.0, 56), (0.024, 56), (0.05, 28), (0.08, 56), (1.0, 160), (20.0, 160)]
)
def test_chunks_grow_with_the_listeners_buffer(buffered: float, frames: int) -> None:
    """The more audio the listener has in its buffer, the larger its chunks are. Shortly before and after the deadline,
    chunks are larger again."""
    assert choose([playing(1, buffered=buffered)], NOW, known_costs()) == Step(1, frames=frames)


def test_chunks_shrink_while_others_wait() -> None:
    """While another request waits, chunks are smaller, so the scheduler can start that request sooner."""
    crowd = [playing(number, buffered=1.0, rest=60.0) for number in range(1, 12)]
    step = choose([*crowd, candidate(99)], NOW, known_costs(frame=FRAME / 11))
    assert step == Step(1, frames=96)


def test_chunks_heed_the_buffers_of_others() -> None:
    """A chunk is small enough not to cause an underrun of another listener."""
    urgent, other = playing(1, buffered=0.06), playing(2, buffered=0.06)
    assert choose([urgent, other], NOW, known_costs()) == Step(1, frames=40)


def test_exact_speech_has_fixed_chunk_sizes() -> None:
    """The chunk sizes of exact speech (speech with a seed) depend only on the position in the sentence, not on other
    requests."""
    for chunks, frames in enumerate([20, 40, 64, 96, 160, 160]):
        for others in ([], [candidate(2)]):
            exact = playing(1, buffered=0.05, chunks=chunks, exact=True)
            assert choose([exact, *others], NOW, known_costs()) == Step(1, frames=frames)


def test_high_priority_goes_before_others_that_wait() -> None:
    """A high-priority request starts before older requests of lower priority, but after a listener near an underrun."""
    waiting = [candidate(1, since=NOW - 5), candidate(2, since=NOW - 5, priority=Priority.LOW)]
    high = candidate(3, priority=Priority.HIGH)
    assert choose([*waiting, high], NOW, known_costs()) == Step(3)
    step = choose([*waiting, high, playing(4, buffered=0.15)], NOW, known_costs())
    assert step is not None
    assert step.number == 4


def test_low_priority_goes_last_for_a_bounded_time() -> None:
    """A low-priority request starts after others, but before any request that arrives 30 seconds later."""
    low = candidate(1, since=NOW - 5, priority=Priority.LOW)
    assert choose([low, candidate(2)], NOW, known_costs()) == Step(2)
    old = candidate(1, since=NOW - 31, priority=Priority.LOW)
    assert choose([old, candidate(2), candidate(3, priority=Priority.HIGH)], NOW, known_costs()) == Step(1)


def test_short_answers_go_a_little_ahead_of_long_texts() -> None:
    """A short text starts before a long text that arrived at the same time, but not before a long text that is 3
    seconds older."""
    assert choose([candidate(1, rest=13.0), candidate(2, rest=1.0)], NOW, known_costs()) == Step(2)
    assert choose([candidate(1, rest=600.0, since=NOW - 3.1), candidate(2, rest=1.0)], NOW, known_costs()) == Step(1)


def test_fifo_stays_with_the_oldest() -> None:
    """`fifo` chooses the oldest request until it is complete, regardless of deadlines and priorities."""
    candidates = [playing(2, buffered=0.1), playing(1, buffered=20.0), candidate(3, priority=Priority.HIGH)]
    assert choose_fifo(candidates) == Step(1, frames=64)


# The following tests have several clients.


@pytest.mark.parametrize("fifo", [False, True])
def test_turns_belong_to_clients(fifo: bool) -> None:
    """The next request to start is from the client with the fewest requests in progress. If there is a tie, the client
    that has used the voice least is next.

    Among the requests of one client, the oldest is next.
    """

    def chosen(*candidates: Candidate) -> int:
        step = choose_fifo(candidates) if fifo else choose(candidates, NOW, known_costs())
        assert step is not None
        return step.number

    greedy = [candidate(number, since=NOW - 9, client=1, served=3.0) for number in range(1, 9)]
    speaks = playing(9, 9.0, client=1, ready=False)
    assert chosen(*greedy) == 1
    assert chosen(*greedy, candidate(20, client=2, served=2.0)) == 20
    assert chosen(*greedy, candidate(20, client=2, served=2.0), candidate(21, client=3, served=1.0)) == 21
    assert chosen(*greedy, candidate(20, since=NOW - 1, client=2, served=4.0)) == 1
    assert chosen(*greedy, speaks, candidate(20, since=NOW - 1, client=2, served=4.0)) == 20
    assert chosen(*greedy, speaks, candidate(20, since=NOW - 1, client=1, served=3.0)) == 1


def test_a_started_request_has_its_first_audio_before_another_client_starts() -> None:
    """After a request has started, no request of another client starts until the first audio of this request is
    ready."""
    encoded = candidate(1, encode=0, frames=400, client=1, served=5.0)
    assert choose([candidate(2, client=2), encoded], NOW, known_costs()) == Step(1, 40)


def test_priority_comes_before_shares() -> None:
    """The priority of a request takes precedence over how long its client has used the voice."""
    candidates = [
        candidate(1, client=1, served=9.0, priority=Priority.HIGH),
        candidate(2, client=2),
        candidate(3, client=3, priority=Priority.LOW),
    ]
    assert choose(candidates, NOW, known_costs()) == Step(1)
    assert choose(candidates[1:], NOW, known_costs()) == Step(2)


def test_one_clients_listeners_do_not_keep_another_client_waiting() -> None:
    """A waiting request starts after a few seconds, even if this causes underruns for the many listeners of another
    client.

    A request of the client with many listeners does not start.
    """
    slow = known_costs(encode=2.0)
    listening = [playing(number, 0.5, client=1) for number in range(1, 9)]
    for waits, client, starts in [(0.0, 2, False), (6.0, 2, True), (6.0, 1, False)]:
        newcomer = candidate(20, since=NOW - waits, client=client)
        step = choose([*listening[1:], playing(1, 9.0, client=1), newcomer], NOW, slow)
        assert step is not None
        assert (step.number == 20) is starts


def test_if_the_voice_is_too_slow_for_all_the_client_with_the_fewest_requests_gets_the_step() -> None:
    """If several listeners have no audio left, the next step is for the listener whose client has the fewest
    requests."""
    listening = [playing(number, -0.2 * number, client=1) for number in range(1, 5)]
    assert choose(listening, NOW, known_costs()) == Step(4, 56)
    for buffered, first in [(0.3, 9), (0.6, 4)]:
        step = choose([*listening, playing(9, buffered, client=2)], NOW, known_costs())
        assert step is not None
        assert step.number == first


def test_a_started_request_that_has_to_wait_does_not_keep_other_clients_waiting() -> None:
    """A started request may have to wait so that other listeners of its client have no underruns.

    Even then, a request of another client starts after a few seconds.
    """
    listening = [playing(number, 0.9, client=1) for number in range(1, 30)]
    begun = candidate(40, encode=0, frames=400, rest=400 * FRAME, client=1, since=NOW - 50)
    for waits, starts in [(1.0, False), (6.0, True)]:
        step = choose([*listening, begun, candidate(50, client=2, since=NOW - waits)], NOW, known_costs(frame=0.002))
        assert step is not None
        assert (step.number == 50) is starts


def flowing(number: int, *, buffered: float, unflowed: int) -> Candidate:
    """Return a playing utterance whose next frames need a flow step."""
    listener = Listener(number, 0.0, [], frames=unflowed + VOCODER_MARGIN, unflowed=unflowed, chunks=1)
    return replace(listener.candidate(300.0), deadline=NOW + buffered)


@pytest.fixture(scope="module")
def flow_costs() -> StepCosts:
    """Return the costs of a machine on which the flow runs in separate steps. Tests must not add costs."""
    return Machine(0.6, flow=True).measured()


@pytest.mark.parametrize("others", [0, 2])
@pytest.mark.parametrize("unflowed", [1, 5, 96, 97, 150, 192, 300, 1000])
@pytest.mark.parametrize("buffered", [-1.0, 0.05, 0.1, 0.15, 0.3, 0.5, 0.8, 3.0])
def test_a_flow_step_leaves_time_for_the_next_chunk(
    flow_costs: StepCosts, buffered: float, unflowed: int, others: int
) -> None:
    """A flow step has at least one frame. If possible, it is small enough for the next chunk to be ready in time."""
    costs = flow_costs
    crowd = [flowing(number, buffered=buffered + 1, unflowed=unflowed) for number in range(2, 2 + others)]
    step = choose([flowing(1, buffered=buffered, unflowed=unflowed), *crowd], NOW, costs)
    assert step is not None
    assert step.kind is Kind.FLOW
    assert step.frames is not None
    assert 1 <= step.frames <= unflowed

    def ready(frames: int) -> float:
        seconds = costs.expected(Work("voice", Kind.FLOW, frames))
        return seconds + costs.expected(Work("voice", Kind.VOCODE, SIZES[0])) + TRANSPORT

    if ready(min(unflowed, FIRST_WINDOW)) <= buffered:
        assert ready(step.frames) <= buffered


def test_utterance_whose_audio_is_held_back_is_in_progress_between_two_sentences() -> None:
    """On a slow machine, the first audio is held back until several sentences have been synthesized. Between two of
    them, no sentence is encoded. A newer request must not start before that, in either schedule."""
    costs = StepCosts()
    held = candidate(1, since=NOW - 9, held=5.0, client=1, served=50.0)
    newer = candidate(2, client=2)
    for chosen in (choose((held, newer), NOW, costs), choose_fifo((newer, held))):
        assert chosen is not None
        assert chosen.number == 1
