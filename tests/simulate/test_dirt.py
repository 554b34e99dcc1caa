"""Dirt on request: counted, labelled, refused where it must be, harmless where it must be."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from consumer.decode import Decoded, decode
from consumer.records import InputRecord
from operate.simulate import MALFORMED, Dirt, FeedRecord, Plan, simulate
from operate.simulate.almanac import millis_of

CLEAN = Plan(customers=250, days=150, seed=3)
DIRT = Dirt(
    duplicates=0.01,
    resends=0.0005,
    late=0.01,
    very_late=0.005,
    out_of_order=0.01,
    malformed=0.02,
    future=0.005,
)
REFUSED = {*MALFORMED, "future"}


@pytest.fixture(scope="module")
def clean() -> list[FeedRecord]:
    return list(simulate(CLEAN))


@pytest.fixture(scope="module")
def dirty() -> list[FeedRecord]:
    return list(simulate(replace(CLEAN, dirt=DIRT)))


def identity(record: FeedRecord) -> tuple[str, str]:
    body = json.loads(record.value)
    return body["source"], body["event_id"]


def test_dirt_is_as_reproducible_as_the_feed(dirty: list[FeedRecord]) -> None:
    assert dirty == list(simulate(replace(CLEAN, dirt=DIRT)))


def test_dirt_still_arrives_in_order_and_before_the_closing_watermark(
    dirty: list[FeedRecord],
) -> None:
    stamps = [record.timestamp_ms for record in dirty]
    assert stamps == sorted(stamps)
    assert [record.to_every_partition for record in dirty[-3:]] == [False, True, True]


def test_every_kind_of_dirt_is_there_at_about_its_rate(
    clean: list[FeedRecord], dirty: list[FeedRecord]
) -> None:
    kinds = Counter(record.dirt for record in dirty)
    for kind, rate in (("duplicate", 0.01), ("late", 0.01), ("very_late", 0.005)):
        assert 0.6 * rate < kinds[kind] / len(clean) < 1.5 * rate
    assert kinds["resent"] > 100
    assert min(kinds[kind] for kind in (*MALFORMED, "future", "out_of_order")) >= 5


def test_nothing_true_is_lost_or_invented(clean: list[FeedRecord], dirty: list[FeedRecord]) -> None:
    accepted = {identity(record) for record in dirty if record.dirt not in REFUSED}
    assert accepted == {identity(record) for record in clean}


def test_duplicates_are_byte_for_byte_what_came_before(dirty: list[FeedRecord]) -> None:
    seen: set[bytes] = set()
    for record in dirty:
        if record.dirt in ("duplicate", "resent"):
            assert record.value in seen
        seen.add(record.value)


def test_a_re_sent_stretch_comes_whole_and_in_its_order(dirty: list[FeedRecord]) -> None:
    first = next(index for index, record in enumerate(dirty) if record.dirt == "resent")
    stretch = []
    for record in dirty[first:]:
        if record.dirt != "resent":
            break
        stretch.append(record)
    assert len({record.topic for record in stretch}) == 1
    before = [r for r in dirty[:first] if r.dirt is None and r.topic == stretch[0].topic]
    assert [r.value for r in stretch] == [r.value for r in before[-len(stretch) :]]


def test_late_records_are_late_by_what_their_label_says(dirty: list[FeedRecord]) -> None:
    hour = 3_600_000
    limits = {"out_of_order": (0, 2), "late": (1, 48), "very_late": (48, 24 * 22)}
    for record in dirty:
        if record.dirt in limits:
            body = json.loads(record.value)
            assert millis_of(body["received_at"]) == record.timestamp_ms
            if record.timestamp_ms < CLEAN.end_ms:  # the end of the plan cuts lateness short
                late = record.timestamp_ms - millis_of(body["occurred_at"])
                low, high = limits[record.dirt]
                assert low * hour <= late <= high * hour


def test_exactly_what_is_labelled_as_refused_is_refused(dirty: list[FeedRecord]) -> None:
    refused: Counter[str | None] = Counter()
    for offset, record in enumerate(dirty):
        raw = InputRecord(record.topic, 0, offset, record.timestamp_ms, record.key, record.value)
        good = isinstance(decode(raw), Decoded)
        assert good == (record.dirt not in REFUSED), (record, decode(raw))
        refused[record.dirt] += not good
    assert set(+refused) == REFUSED


@pytest.mark.parametrize("wrong", [{"late": -0.1}, {"late": 0.7, "malformed": 0.6}])
def test_rates_that_are_no_shares_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="rates"):
        Dirt(**wrong)


def test_without_rates_there_is_no_dirt(clean: list[FeedRecord]) -> None:
    assert {record.dirt for record in clean} == {None}
