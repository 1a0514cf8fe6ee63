"""An `Outcome` describes how a request ended."""

from wyoming_piper_serial.observe.outcome import CANCELLED, COMPLETED, Ending, Outcome


def test_text_is_the_ending_or_the_error_code() -> None:
    """An outcome is converted to the text `completed`, `cancelled`, or the error code of a failed or refused
    request."""
    outcomes = [COMPLETED, CANCELLED, Outcome.failed("synthesis-failed"), Outcome.refused("queue-full")]
    assert [str(outcome) for outcome in outcomes] == ["completed", "cancelled", "synthesis-failed", "queue-full"]


def test_refused_and_failed_with_one_code_are_two_outcomes() -> None:
    """Two outcomes are equal if their endings and codes are equal, so that outcomes can be used as counter keys."""
    failed, refused = Outcome.failed("shutting-down"), Outcome.refused("shutting-down")
    assert failed != refused
    assert failed == Outcome(Ending.FAILED, "shutting-down")
    assert len({failed, refused, Outcome.failed("shutting-down")}) == 2


def test_outcomes_have_an_order() -> None:
    """Outcomes are sorted by ending and then by code, which is their order in the metrics."""
    assert sorted([Outcome.failed("b"), COMPLETED, Outcome.failed("a"), CANCELLED]) == [
        CANCELLED,
        COMPLETED,
        Outcome.failed("a"),
        Outcome.failed("b"),
    ]
