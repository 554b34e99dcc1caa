"""The feeds' pulse, against the whole list of what was seen of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.liveness import Liveness

STALE_AFTER, SETTLE = 10.0, 5.0
WATCHED = ("accounts", "transactions")

Look = tuple[float, dict[str, int]]
"""Seconds since the look before, and by how much each topic's total differs from it."""

LOOKS = st.lists(
    st.tuples(
        st.sampled_from((0.0, 0.5, 1.0, 4.5, 5.0, 9.5, 10.0, 10.5, 30.0)),
        st.fixed_dictionaries({topic: st.sampled_from((0, 0, 0, 1, 7, -3)) for topic in WATCHED}),
    ),
    min_size=1,
    max_size=25,
)
WAITS = st.sampled_from((0.0, 0.5, 4.5, 5.0, 9.5, 10.0, 10.5))


@dataclass
class Listed:
    """The rule in words, from every total seen: (when, total) per topic."""

    seen: dict[str, list[tuple[float, int]]] = field(default_factory=dict)

    def observe(self, totals: dict[str, int], now: float) -> None:
        for topic in WATCHED:
            self.seen.setdefault(topic, []).append((now, totals.get(topic, 0)))

    def doubtful(self, now: float) -> list[str]:
        return [topic for topic in WATCHED if not self._settled(topic, now)]

    def _settled(self, topic: str, now: float) -> bool:
        """It grew a short while ago, and for a while was never without growth for too long."""
        seen = self.seen.get(topic, [])
        grew = [at for (_, before), (at, total) in pairwise(seen) if total > before]
        if not grew or now - grew[-1] > STALE_AFTER:
            return False
        alive_since = grew[-1]
        for later, earlier in pairwise(reversed(grew)):
            if later - earlier > STALE_AFTER:
                break
            alive_since = earlier
        return now - alive_since >= SETTLE


@given(looks=LOOKS, wait=WAITS)
def test_a_topic_is_doubted_exactly_as_the_list_of_its_totals_says(
    looks: list[Look], wait: float
) -> None:
    """Asked after every look, and once more after a wait; a total set back is no growth."""
    liveness, listed = Liveness(WATCHED, STALE_AFTER, SETTLE), Listed()
    now, totals = 1_000.0, dict.fromkeys(WATCHED, 100)
    for seconds, more in looks:
        now += seconds
        assert list(liveness.doubts(now)) == listed.doubtful(now)
        totals = {topic: total + more[topic] for topic, total in totals.items()}
        liveness.observe(totals, now)
        listed.observe(totals, now)
        assert list(liveness.doubts(now)) == listed.doubtful(now)
    assert list(liveness.doubts(now + wait)) == listed.doubtful(now + wait)


class Feeds:
    """Two feeds, looked at every second."""

    def __init__(self, *, settle: float = SETTLE) -> None:
        self.liveness = Liveness(WATCHED, STALE_AFTER, settle)
        self.totals = dict.fromkeys(WATCHED, 100)
        self.now = 0.0

    def pass_by(self, seconds: int, *growing: str) -> None:
        """Time passes in which some of the topics grow."""
        for _ in range(seconds):
            self.now += 1.0
            for topic in growing:
                self.totals[topic] += 1
            self.liveness.observe(self.totals, self.now)

    @property
    def doubtful(self) -> list[str]:
        return list(self.liveness.doubts(self.now))


def test_at_the_start_every_topic_is_doubted_whatever_it_holds() -> None:
    feeds = Feeds()
    assert feeds.doubtful == list(WATCHED)
    feeds.pass_by(60)
    assert feeds.doubtful == list(WATCHED)


def test_the_first_look_is_no_growth() -> None:
    feeds = Feeds(settle=0.0)
    feeds.pass_by(1, *WATCHED)
    assert feeds.doubtful == list(WATCHED)
    feeds.pass_by(1, *WATCHED)
    assert feeds.doubtful == []


@pytest.mark.parametrize("growing,doubtful", [(WATCHED, []), (WATCHED[:1], [WATCHED[1]])])
def test_a_topic_seen_to_grow_is_believed_once_it_has_settled(
    growing: tuple[str, ...], doubtful: list[str]
) -> None:
    """The first growth is seen at the second look; each topic speaks for itself alone."""
    feeds = Feeds()
    feeds.pass_by(1)
    feeds.pass_by(5, *growing)
    assert feeds.doubtful == list(WATCHED)
    feeds.pass_by(1, *growing)
    assert feeds.doubtful == doubtful


def test_a_pause_up_to_the_limit_is_no_silence() -> None:
    feeds = Feeds()
    feeds.pass_by(20, *WATCHED)
    feeds.pass_by(10)
    assert feeds.doubtful == []
    feeds.pass_by(1)
    assert feeds.doubtful == list(WATCHED)


def test_a_topic_goes_stale_between_two_looks_too() -> None:
    feeds = Feeds()
    feeds.pass_by(20, *WATCHED)
    feeds.now += STALE_AFTER + 0.5
    assert feeds.doubtful == list(WATCHED)


@pytest.mark.parametrize("looks", [True, False])
def test_after_a_silence_a_topic_has_to_settle_again(looks: bool) -> None:
    """Whether the silence was looked at, or the worker was away itself."""
    feeds = Feeds()
    feeds.pass_by(20, *WATCHED)
    if looks:
        feeds.pass_by(60)
    else:
        feeds.now += 60.0
    feeds.pass_by(1, *WATCHED)
    assert feeds.doubtful == list(WATCHED)
    feeds.pass_by(4, *WATCHED)
    assert feeds.doubtful == list(WATCHED)
    feeds.pass_by(1, *WATCHED)
    assert feeds.doubtful == []


def test_a_topic_that_is_not_watched_is_never_doubted() -> None:
    liveness = Liveness((), STALE_AFTER, SETTLE)
    liveness.observe({"accounts": 5}, 1.0)
    assert list(liveness.doubts(100.0)) == []


def test_a_watched_topic_that_is_not_there_is_doubted() -> None:
    feeds = Feeds()
    del feeds.totals[WATCHED[1]]
    feeds.pass_by(20, WATCHED[0])
    assert feeds.doubtful == [WATCHED[1]]
