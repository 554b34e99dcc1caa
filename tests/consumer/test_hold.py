"""The hold, against a list of every record ever seen."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumer.hold import WINDOW, Hold

GOOD, BAD = False, True


@dataclass
class Listed:
    """The rule in the words of the design: all records kept, the last 1,000 counted each time."""

    seen: list[bool] = field(default_factory=list)
    held: bool = False
    waived: bool = False

    @property
    def last(self) -> list[bool]:
        return self.seen[-1_000:]

    def observe(self, bad: bool) -> bool:
        self.seen.append(bad)
        broken = sum(self.last) >= 100 and sum(self.last) / len(self.last) >= 0.2
        if not self.waived:
            self.held = self.held or broken
        elif len(self.seen) >= 1_000 and not broken:
            self.waived = False
        return self.held

    def accept(self) -> None:
        self.seen, self.held, self.waived = [], False, True

    def as_hold(self) -> Hold:
        bits = sum(1 << place for place, bad in enumerate(reversed(self.last)) if bad)
        return Hold(bits, len(self.last), self.held, self.waived)


Stretch = tuple[list[bool], int]
"""A pattern of records, and how often it comes."""

STRETCHES = st.one_of(
    st.tuples(st.lists(st.booleans(), min_size=1, max_size=8), st.integers(1, 100)),
    st.tuples(st.just([GOOD]), st.integers(1, 1_200)),
    st.tuples(st.just([BAD]), st.integers(1, 150)),
)
FEEDS = st.lists(STRETCHES | st.just("accept"), min_size=1, max_size=10)


def watched(*stretches: Stretch) -> Hold:
    """A hold that has seen these records."""
    hold = Hold()
    for pattern, times in stretches:
        for bad in pattern * times:
            hold.observe(bad=bad)
    return hold


@settings(max_examples=40, deadline=None)
@given(feed=FEEDS)
def test_a_partition_is_held_as_the_list_of_its_records_says(feed: list[Stretch | str]) -> None:
    """Record by record; acceptances at any time, asked for or not."""
    hold, listed = Hold(), Listed()
    for step in feed:
        if isinstance(step, str):
            hold.accept()
            listed.accept()
            continue
        for bad in step[0] * step[1]:
            assert hold.observe(bad=bad) == listed.observe(bad)
        assert hold == listed.as_hold()


@settings(max_examples=40, deadline=None)
@given(feed=FEEDS)
def test_skipping_good_records_while_it_is_calm_changes_nothing(feed: list[Stretch | str]) -> None:
    """As the worker does it for speed; the list skips nothing."""
    hold, listed, held = Hold(), Listed(), False
    for step in feed:
        if isinstance(step, str):
            hold.accept()
            listed.accept()
            held = False
            continue
        for bad in step[0] * step[1]:
            if bad or not hold.is_calm:
                held = hold.observe(bad=bad)
            assert held == listed.observe(bad)
        assert hold == listed.as_hold()


@settings(deadline=None)
@given(feed=FEEDS)
def test_what_is_packed_is_unpacked_the_same(feed: list[Stretch | str]) -> None:
    hold = Hold()
    for step in feed:
        if isinstance(step, str):
            hold.accept()
        else:
            for bad in step[0] * step[1]:
                hold.observe(bad=bad)
        assert Hold.unpack(hold.pack()) == hold


def test_nothing_remembered_is_unpacked_as_a_watch_that_begins() -> None:
    assert Hold.unpack(b"") == Hold()


@pytest.mark.parametrize("bad,length", [(0, 3), (1, 128)])
def test_a_feed_without_bad_records_costs_the_store_three_bytes(bad: int, length: int) -> None:
    hold = watched(([BAD], bad), ([GOOD], WINDOW - bad))
    assert len(hold.pack()) == length


@pytest.mark.parametrize(
    "good,bad,held",
    [
        (0, 99, False),
        (0, 100, True),
        (400, 99, False),
        (400, 100, True),
        (401, 100, False),
        (401, 101, True),
        (1_000, 199, False),
        (1_000, 200, True),
        (5_000, 199, False),
        (5_000, 200, True),
    ],
)
def test_the_line_is_at_a_hundred_and_at_a_fifth(good: int, bad: int, held: bool) -> None:
    assert watched(([GOOD], good), ([BAD], bad)).held == held


def test_bad_records_of_long_ago_do_not_count() -> None:
    assert not watched(([BAD], 99), ([GOOD], 1_000), ([BAD], 199)).held


def test_a_held_partition_stays_held_until_an_operator_accepts() -> None:
    hold = watched(([BAD], 100), ([GOOD], 2_000))
    assert hold.held
    hold.accept()
    assert not hold.held


def test_what_was_accepted_goes_through_until_a_thousand_are_good_enough() -> None:
    hold = watched(([BAD], 100))
    hold.accept()
    for _ in range(3_000):
        assert not hold.observe(bad=BAD)
    for _ in range(800):
        hold.observe(bad=GOOD)
        assert hold.waived
    hold.observe(bad=GOOD)
    assert not hold.waived


def test_a_good_record_after_the_operators_word_does_not_take_it_back() -> None:
    """A partition is held right at the line; of two topics one goes on to be good."""
    hold = watched(([GOOD], 5_000), ([BAD], 200))
    hold.accept()
    for _ in range(2_000):
        assert not hold.observe(bad=GOOD)
        assert not hold.observe(bad=BAD)


def test_a_word_given_for_nothing_is_over_after_a_thousand_good_records() -> None:
    hold = watched(([GOOD], WINDOW))
    assert (hold.is_calm, hold.waived) == (True, False)
    hold.accept()
    assert (hold.is_calm, hold.waived) == (False, True)
    for _ in range(WINDOW):
        assert hold.waived
        hold.observe(bad=GOOD)
    assert hold == watched(([GOOD], WINDOW))


def test_after_a_waiver_the_partition_may_be_held_again() -> None:
    hold = watched(([BAD], 100))
    hold.accept()
    for _ in range(1_000):
        hold.observe(bad=GOOD)
    held = [hold.observe(bad=BAD) for _ in range(300)]
    assert held.index(True) == 199


def test_a_copy_goes_its_own_way() -> None:
    hold = watched(([GOOD], 300), ([BAD], 99))
    copy = hold.copy()
    assert copy == hold
    copy.observe(bad=BAD)
    copy.accept()
    assert hold == watched(([GOOD], 300), ([BAD], 99))


def test_the_summary_counts_for_people() -> None:
    hold = watched(([GOOD], 400), ([BAD], 100))
    assert hold.summary() == "100 of the last 500 records are bad"
