"""The partition's clock W, against a list of everything that it was ever told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.clock import PartitionClock
from schemas.base import rfc3339, to_millis
from schemas.events import EVENTS
from schemas.examples import example, type_names
from tests.consumer.decoding import CONTROL

TOPICS = ("accounts", "transactions")
LATENESS = 48

Told = tuple[Literal["event", "held event", "accounts", "transactions", "cards", "floor"], int]
"""What happened, and its time; under a topic's name, that topic's watermark."""

TIMES = st.integers(0, 1_000)
HISTORIES = st.lists(
    st.tuples(
        st.sampled_from(("event", "held event", "accounts", "transactions", "cards", "floor")),
        TIMES,
    ),
    max_size=20,
)


@dataclass
class Listed:
    """W from the definition, computed anew from the whole history."""

    history: list[Told] = field(default_factory=list)

    def time(self) -> int | None:
        """The largest that the definition ever gave: it never goes back."""
        said = [self._by(self.history[: end + 1]) for end in range(len(self.history))]
        return max((time for time in said if time is not None), default=None)

    def highest(self) -> int | None:
        times = [time for what, time in self.history if what in {"event", "held event"}]
        return max(times, default=None)

    @staticmethod
    def _by(history: list[Told]) -> int | None:
        """What the last of these says of W; None: nothing."""
        what, time = history[-1]
        if what == "event":
            return max(at for kind, at in history if "event" in kind) - LATENESS
        if what == "floor":
            return time
        marks = [[at for kind, at in history if kind == topic] for topic in TOPICS]
        return min(max(mark) for mark in marks) if what in TOPICS and all(marks) else None


def tell(clock: PartitionClock, told: Told) -> PartitionClock:
    """The clock after one thing more, held or not as a batch would have it."""
    what, time = told
    clock = clock.copy(held=what == "held event")
    if what in {"event", "held event"}:
        clock.observe(time)
    elif what == "floor":
        clock.raise_to(time)
    else:
        clock.observe_watermark(what, time)
    return clock


def new() -> PartitionClock:
    return PartitionClock(TOPICS, LATENESS)


def after(*history: Told) -> PartitionClock:
    clock = new()
    for told in history:
        clock = tell(clock, told)
    return clock


@given(history=HISTORIES)
def test_the_clock_is_what_the_whole_history_says_and_never_goes_back(history: list[Told]) -> None:
    clock, listed = new(), Listed()
    for told in history:
        before = clock.time
        clock = tell(clock, told)
        listed.history.append(told)
        assert (clock.time, clock.highest) == (listed.time(), listed.highest())
        assert before is None or (clock.time is not None and clock.time >= before)


@given(history=HISTORIES, times=st.lists(TIMES, min_size=1), data=st.data())
def test_of_a_batchs_events_the_order_does_not_matter(
    history: list[Told], times: list[int], data: st.DataObject
) -> None:
    """They share one word on whether they move the clock."""
    for held in (False, True):
        clocks = [after(*history).copy(held=held) for _ in range(2)]
        for clock, order in zip(clocks, (times, data.draw(st.permutations(times))), strict=True):
            for time in order:
                clock.observe(time)
        assert clocks[0] == clocks[1]


@given(history=HISTORIES, told=st.lists(st.tuples(st.just("held event"), TIMES)))
def test_held_no_event_moves_it_and_the_first_one_afterwards_counts_for_all(
    history: list[Told], told: list[Told]
) -> None:
    clock = after(*history)
    held = after(*history, *told)
    assert held.time == clock.time
    moved = tell(held, ("event", 0))
    assert moved.time == after(*history, *(("event", time) for _, time in told), ("event", 0)).time


@given(history=HISTORIES, later=HISTORIES)
def test_a_clock_restored_goes_on_as_if_it_had_never_stopped(
    history: list[Told], later: list[Told]
) -> None:
    clock, restored = after(*history), new()
    restored.restore(clock.time, clock.highest, clock.watermarks)
    for told in later:
        clock, restored = tell(clock, told), tell(restored, told)
    assert restored.copy(held=False) == clock.copy(held=False)


@given(history=HISTORIES, later=HISTORIES)
def test_a_copy_leaves_the_clock_where_it_is(history: list[Told], later: list[Told]) -> None:
    clock = after(*history)
    copy = clock.copy(held=False)
    for what, time in later:
        copy.observe(time)
        copy.observe_watermark(what, time)
    assert clock == after(*history)


def test_before_the_first_event_there_is_no_time() -> None:
    assert new().time is None
    assert after(("held event", 500)).time is None


def test_the_clock_is_the_allowed_lateness_behind_the_newest_event() -> None:
    assert after(("event", 500), ("event", 480), ("event", 499)).time == 500 - LATENESS


def test_watermarks_count_once_every_topic_has_one_and_the_least_of_them_does() -> None:
    assert after(("accounts", 900)).time is None
    assert after(("accounts", 900), ("transactions", 700)).time == 700
    assert after(("accounts", 900), ("transactions", 700), ("transactions", 950)).time == 900


def test_a_watermark_set_back_or_for_a_topic_not_read_changes_nothing() -> None:
    both: tuple[Told, Told] = ("accounts", 900), ("transactions", 700)
    assert after(*both, ("accounts", 100)) == after(*both)
    assert after(*both, ("cards", 100), ("cards", 999)) == after(*both)


def test_a_watermark_moves_a_clock_that_is_held() -> None:
    clock = after(("event", 500)).copy(held=True)
    clock.observe_watermark("accounts", 800)
    clock.observe_watermark("transactions", 700)
    assert clock.time == 700


@pytest.mark.parametrize("name", type_names())
def test_events_about_the_stream_do_not_age_a_bank(name: str) -> None:
    event = EVENTS.validate_json(json.dumps(example(name)))
    clock = new()
    clock.see(event, to_millis(event.occurred_at))
    about_customers = name not in CONTROL
    assert clock.highest == (to_millis(event.occurred_at) if about_customers else None)
    assert (clock.time is None) != about_customers


def test_a_watermark_event_says_how_far_its_topic_is_complete() -> None:
    clock = PartitionClock(("tenure.accounts", "tenure.transactions"), LATENESS)
    for topic, until in (("tenure.accounts", 5_000), ("tenure.transactions", 4_000)):
        marks = {"topic": topic, "complete_through": rfc3339(until)}
        event = EVENTS.validate_json(json.dumps(example("feed.watermark") | marks))
        clock.see(event, to_millis(event.occurred_at))
    assert clock.time == 4_000
    assert clock.highest is None
