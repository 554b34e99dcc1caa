"""The checkers of a live run can fail: whatever goes wrong is found, and called what it is."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from statemachine.customer import Customer
from tests.live_faults.compare import Differences
from tests.live_faults.progress import Moved, Progress
from tests.live_faults.subscriber import Subscriber

DAYS = [f"2024-01-0{day}T00:00:00Z" for day in range(1, 6)]


def change(sequence: int, customer: str = "c-1") -> bytes:
    told = {
        "id": f"{customer}-{sequence}",
        "customer_id": customer,
        "type": "customer.stage-changed",
        "sequence": sequence,
        "effective_at": DAYS[sequence],
    }
    return json.dumps(told).encode()


ONE, TWO, THREE = change(1), change(2), change(3)


@pytest.mark.parametrize(
    "published, lost, doubled, reordered",
    [
        ([ONE, TWO, THREE], 0, 0, 0),
        ([ONE, THREE], 1, 0, 0),
        ([TWO, THREE], 1, 0, 0),
        ([ONE, TWO, TWO, THREE], 0, 1, 0),
        ([ONE, ONE], 0, 1, 0),
        ([ONE, THREE, TWO], 0, 0, 1),
        ([ONE, THREE, TWO, TWO], 0, 1, 1),
    ],
)
def test_the_subscriber_finds_what_is_lost_doubled_or_reordered(
    published: Sequence[bytes], lost: int, doubled: int, reordered: int
) -> None:
    subscriber = Subscriber()
    for count, value in enumerate(published, 1):
        subscriber.see(value)
        subscriber.see(change(count, customer="another"))
    assert (subscriber.lost, subscriber.doubled, subscriber.reordered) == (lost, doubled, reordered)
    assert bool(subscriber.examples) == bool(lost or doubled or reordered)


def test_the_subscriber_finds_a_number_that_is_given_twice() -> None:
    subscriber = Subscriber()
    subscriber.see(ONE)
    subscriber.see(ONE.replace(b'"c-1-1"', b'"another id"'))
    assert subscriber.doubled == 1


def test_the_subscriber_finds_time_going_back() -> None:
    subscriber = Subscriber()
    subscriber.see(ONE)
    subscriber.see(TWO.replace(DAYS[2].encode(), b"2023-12-31T00:00:00Z"))
    assert subscriber.reordered == 1


@pytest.mark.parametrize(
    "published, lost, doubled, reordered, foreign",
    [
        ([ONE, TWO, THREE], 0, 0, 0, 0),
        ([ONE, THREE], 1, 0, 0, 0),
        ([ONE, TWO], 1, 0, 0, 0),
        ([ONE, TWO, THREE, THREE], 0, 1, 0, 0),
        ([TWO, ONE, THREE], 0, 0, 2, 0),
        ([ONE, TWO, THREE, change(4)], 0, 0, 0, 1),
        ([ONE, TWO, THREE.replace(b"c-1-3", b"c-1-x")], 1, 0, 0, 1),
        ([], 3, 0, 0, 0),
    ],
)
def test_the_comparison_tells_what_was_published_otherwise(
    published: Sequence[bytes], lost: int, doubled: int, reordered: int, foreign: int
) -> None:
    found = Differences()
    found.said({"c-1": [ONE, TWO, THREE]}, {"c-1": published} if published else {})
    assert (found.lost, found.doubled, found.reordered) == (lost, doubled, reordered)
    assert found.foreign == foreign
    assert bool(found.examples) == bool(found.count)


def test_the_comparison_finds_what_is_remembered_otherwise() -> None:
    right, wrong = Customer(timer=5), Customer(timer=5, changes=1)
    for found, timers in [
        ({"c-1": wrong}, {"c-1": 5}),
        ({}, {"c-1": 5}),
        ({"c-1": right, "c-2": Customer()}, {"c-1": 5}),
        ({"c-1": right}, {"c-1": 6}),
        ({"c-1": right}, {}),
    ]:
        differences = Differences()
        differences.remembered(0, {"c-1": right}, found, timers)
        assert differences.states == 1
    differences = Differences()
    differences.remembered(0, {"c-1": right}, {"c-1": right}, {"c-1": 5})
    assert differences.count == 0


def test_the_comparison_finds_other_dead_letters_and_last_words() -> None:
    differences = Differences()
    differences.letters([("accounts", 0, 1), ("accounts", 0, 2)], [("accounts", 0, 1)] * 2)
    assert differences.dead_letters == 2
    differences.last_words({"c-1": ONE, "c-2": TWO}, {"c-1": THREE, "c-2": TWO})
    assert differences.stages == 1


def test_a_partition_that_stands_still_is_measured_to_the_end() -> None:
    progress = Progress(2)
    for partition in (0, 1):
        progress._moves[partition] = [moved(10.0), moved(11.0)]
    progress._moves[0].append(moved(14.0))
    assert progress.standstill(10.5, 15.0, [0]) == 3.0
    assert progress.standstill(10.5, 15.0, [0, 1]) == 4.0
    assert not progress.goes_on(10.5, [0, 1])
    assert progress.goes_on(9.0, [0, 1])
    assert not progress.goes_on(9.0, [0, 1], without="w1")


def moved(at: float) -> Moved:
    return Moved(at, at, "w1", "digest", 1)
