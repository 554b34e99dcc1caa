"""A dead letter is the record as it came, unless that could not be sent on."""

from __future__ import annotations

import pytest

from consumer.dead_letters import LEAST_RECORD_BYTES, dead_letter, kept_bytes
from consumer.ports import OutRecord
from consumer.records import InputRecord
from consumer.rejection import reject
from consumer.settings import Settings
from schemas.headers import dead_letter_of
from tests.consumer.decoding import Header

SETTINGS = Settings()


def letter(key: bytes | None, value: bytes | None, headers: tuple[Header, ...] = ()) -> OutRecord:
    record = InputRecord("tenure.accounts", 3, 41, 1_743_412_364_310, key, value, headers)
    return dead_letter(SETTINGS, reject(record, "not_json", "nonsense"))


def size(of: OutRecord) -> int:
    headers = sum(len(name) + len(value) for name, value in of.headers)
    return len(of.key or b"") + len(of.value or b"") + headers


@pytest.mark.parametrize("length", [0, 9, LEAST_RECORD_BYTES - 4])
def test_a_record_up_to_two_megabytes_is_kept_whole(length: int) -> None:
    headers = (("trace", b"1"), ("empty", None), ("trace", b"2"))
    kept = letter(b"anna", b"x" * length, headers)
    assert (kept.key, kept.value) == (b"anna", b"x" * length)
    assert kept.headers[:3] == (("trace", b"1"), ("empty", b""), ("trace", b"2"))
    assert dead_letter_of(kept.headers).cut is None


def test_of_a_larger_one_the_beginning_is_kept_and_said_to_be_one() -> None:
    """Four megabytes that came as a hundred kilobytes, compressed."""
    kept = letter(b"anna", b"x" * 4_000_000)
    assert kept.value == b"x" * (LEAST_RECORD_BYTES - 4)
    about = dead_letter_of(kept.headers)
    assert about.cut == "the value after 2,097,148 of 4,000,000 bytes"
    assert (about.topic, about.partition, about.offset) == ("tenure.accounts", 3, 41)


def test_nothing_that_a_record_brings_makes_a_letter_that_cannot_be_sent() -> None:
    """The topic is checked to take so much, and 64 KiB more."""
    monster = letter(b"k" * 3_000_000, b"x" * 3_000_000, (("h" * 50_000, b"y" * 900_000),))
    assert size(monster) < kept_bytes(SETTINGS) + 65_536
    about = dead_letter_of(monster.headers)
    assert about.cut is not None
    assert all(word in about.cut for word in ("headers", "key", "value"))


def test_a_record_of_nothing_at_all_gets_an_empty_key() -> None:
    assert letter(None, None).key == b""
    assert letter(None, b"x").key is None
