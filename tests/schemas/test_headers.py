import pytest

from schemas.headers import Provenance, dead_letter_of, provenance_of, to_headers
from schemas.outputs import DeadLetter

LETTER = DeadLetter(
    reason="unknown_type",
    detail="type is 'x'",
    remedy="Use a type of the contract.",
    topic="tenure.accounts",
    partition=3,
    offset=0,
    timestamp=1_743_384_600_870,
)


def test_a_dead_letter_says_why_and_from_where_in_headers() -> None:
    assert dead_letter_of(to_headers(LETTER)) == LETTER
    assert ("tenure_reason", b"unknown_type") in to_headers(LETTER)


def test_a_dead_letter_refused_again_tells_its_latest_refusal() -> None:
    first = LETTER.model_copy(update={"reason": "not_json"})
    own = (("trace", b"1"), ("empty", None), *to_headers(first), *to_headers(LETTER))
    assert dead_letter_of(own) == LETTER


def test_what_a_record_brought_under_these_names_is_no_part_of_its_refusal() -> None:
    own = (("tenure_cut", b"headers"), ("tenure_detail", b"\xff"), ("tenure_reason", b"\xff"))
    assert dead_letter_of((*own, *to_headers(LETTER))) == LETTER


def test_an_output_of_a_due_time_names_no_record() -> None:
    due = Provenance(partition=1, batch=9, clock=5)
    assert [name for name, _ in to_headers(due)] == [
        "tenure_partition",
        "tenure_batch",
        "tenure_clock",
    ]
    assert provenance_of(to_headers(due)) == due


def test_headers_that_say_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="reason"):
        dead_letter_of([("trace", b"1")])
