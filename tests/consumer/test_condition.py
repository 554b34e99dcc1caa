"""How a worker says that it is: alive, ready, and what it waits for, by a virtual clock."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.condition import Condition, Owned
from consumer.hold import remedy
from consumer.patience import Patience
from consumer.ports import Unavailable
from consumer.report import Reporter
from statemachine.policy_file import default_policy
from store.port import Moved
from store.port import Unavailable as StoreUnavailable
from tests.laws.rig import FakeClock, Rig, Silent

SERVING = Owned(joined=True, partitions=(0, 1))


class Told:
    """A condition with a clock in hand, and a worker that may be told to stop."""

    def __init__(self) -> None:
        self.clock = FakeClock(1_000.0)
        self.stopping = False
        self.condition = Condition(
            {"worker_id": "w1"},
            limit=120.0,
            now=self.clock.monotonic,
            stopping=lambda: self.stopping,
        )

    @property
    def why(self) -> list[str]:
        """Why it is not ready; the answer and its reasons never differ."""
        answer = self.condition.ready()
        found: list[str] = answer.told["why"]
        assert answer.ok == answer.told["ready"] == (not found)
        return found

    def ready(self) -> dict[str, Any]:
        """All that is told."""
        return self.condition.ready().told


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def serving(told: Told) -> Told:
    told.condition.owns(SERVING)
    return told


def test_a_worker_that_has_not_joined_is_alive_and_not_ready(told: Told) -> None:
    assert told.condition.alive().ok
    assert told.why == ["the consumer group has not told it its partitions yet"]


def test_a_worker_that_joined_and_has_its_partitions_in_order_is_ready(serving: Told) -> None:
    assert serving.why == []
    found = serving.ready()
    assert (found["worker_id"], found["joined"], found["partitions"]) == ("w1", True, [0, 1])
    assert found["last_batch_seconds"] is None


def test_a_worker_to_whom_the_group_gives_nothing_is_ready_to_take_over(told: Told) -> None:
    told.condition.owns(Owned(joined=True))
    assert told.why == []


def test_a_worker_is_not_ready_while_any_of_its_partitions_is_recovered(told: Told) -> None:
    told.condition.owns(Owned(joined=True, partitions=(0,), recovering=(1, 3)))
    assert told.why == ["recovering partitions: 1, 3"]
    assert told.ready()["recovering"] == [1, 3]


def test_what_is_waited_for_is_told_with_its_reason_since_the_first_failure(serving: Told) -> None:
    serving.condition.waits("Redis", "Redis cannot be reached")
    serving.clock.now += 6
    serving.condition.waits("Redis", "Redis is loading")
    serving.clock.now += 2.5
    assert serving.why == ["waiting for Redis, 8 s: Redis is loading"]
    assert serving.ready()["waiting"] == {"on": "Redis", "why": "Redis is loading", "seconds": 8.5}
    assert serving.condition.alive().ok
    serving.condition.went_on()
    assert serving.why == []
    assert serving.ready()["waiting"] is None


def test_a_worker_that_was_told_to_stop_is_not_ready(serving: Told) -> None:
    serving.stopping = True
    assert serving.why == ["it was told to stop"]
    assert serving.condition.alive().ok


def test_a_step_without_an_end_makes_it_unready_soon_and_dead_past_the_limit(serving: Told) -> None:
    serving.clock.now += 10
    assert serving.why == []
    serving.clock.now += 1
    assert serving.why == ["in one step for 11 s: Kafka or Redis answers slowly, or not at all"]
    serving.clock.now += 109
    assert serving.condition.alive().ok
    serving.clock.now += 1
    answer = serving.condition.alive()
    assert not answer.ok
    assert answer.told["why"] == ["nothing was heard of its main loop for 121 s"]
    serving.condition.heard()
    assert serving.condition.alive().ok
    assert serving.why == []


@pytest.mark.parametrize("sign", ["heard", "went_on", "waits", "recovered"])
def test_a_step_a_wait_and_a_recovery_are_each_a_sign_of_life(sign: str, told: Told) -> None:
    told.clock.now += 500
    assert not told.condition.alive().ok
    if sign == "waits":
        told.condition.waits("Kafka", "away")
    elif sign == "recovered":
        Reporter(Silent(), told.condition).recovered(0, "went on", 0, 7)
    else:
        getattr(told.condition, sign)()
    assert told.condition.alive().ok


def test_a_held_partition_is_told_with_its_remedy_and_makes_nobody_unready(told: Told) -> None:
    told.condition.owns(Owned(True, (0, 1), (), {1: "200 of the last 1000 records are bad"}))
    assert told.why == []
    (held,) = told.ready()["held"]
    assert held == {
        "partition": 1,
        "why": "200 of the last 1000 records are bad",
        "remedy": remedy(1),
    }
    assert "tenure accept-bad 1" in held["remedy"]


def test_a_feed_in_doubt_is_told_by_its_topic_and_makes_nobody_unready(serving: Told) -> None:
    serving.condition.feeds({"accounts": "stale", "cards": "unseen"})
    serving.clock.now += 6
    serving.condition.feeds({"accounts": "settling"})
    serving.clock.now += 2
    assert serving.why == []
    (feed,) = serving.ready()["feeds_in_doubt"]
    assert (feed["topic"], feed["seconds"]) == ("accounts", 8.0)
    assert "TENURE_FEED_SETTLE" in feed["why"]
    serving.condition.feeds({})
    assert serving.ready()["feeds_in_doubt"] == []


def test_a_worker_without_partitions_says_nothing_of_feeds_that_it_does_not_look_at(
    serving: Told,
) -> None:
    serving.condition.feeds({"accounts": "stale"})
    serving.condition.owns(Owned(joined=True))
    assert serving.ready()["feeds_in_doubt"] == []


def test_the_age_of_the_last_batch_is_told(serving: Told) -> None:
    Reporter(Silent(), serving.condition).batch([], 0.0, 0.1)
    serving.clock.now += 4.25
    assert serving.ready()["last_batch_seconds"] == pytest.approx(4.25, abs=0.06)


# What the service and the real worker tell it.


class Stop:
    """An event to stop by, whose waits take no time."""

    def __init__(self, told: Told) -> None:
        self.told = told

    def is_set(self) -> bool:
        return False

    def wait(self, seconds: float) -> None:
        self.told.clock.now += seconds


def doubted() -> Unavailable:
    """A doubt about the store that does not pass."""
    error = Unavailable("the store moved")
    error.__cause__ = Moved("the store moved")
    return error


@pytest.mark.parametrize(
    "error, on",
    [
        (Unavailable("Kafka: asking: KafkaTimeoutError"), "Kafka"),
        (StoreUnavailable("Redis cannot be reached"), "Redis"),
        (doubted(), "Redis"),
    ],
)
def test_who_is_away_is_told_until_an_attempt_succeeds(
    error: Exception, on: str, serving: Told
) -> None:
    world = Patience(
        Reporter(Silent(), serving.condition),
        Stop(serving),
    )

    def fails() -> bool:
        raise error

    for _ in range(20):
        assert world.patiently(fails) is None
        assert serving.condition.alive().ok
        (reason,) = serving.why
        assert reason.startswith(f"waiting for {on}, ")
        assert reason.endswith(str(error))
    assert world.patiently(lambda: False) is False
    assert serving.why == []


def test_a_worker_tells_what_it_owns_while_it_joins_recovers_and_doubts() -> None:
    rig = Rig(default_policy(), partitions=3)
    worker = rig.start()
    assert worker.owned == Owned()
    worker.step(0.0)
    assert worker.owned == Owned(joined=True, partitions=(0, 1, 2))
    worker.distrust()
    assert worker.owned == Owned(joined=True, recovering=(0, 1, 2))
    worker.step(0.0)
    worker.partitions[1].hold.held = True
    assert worker.owned.held == {1: "0 of the last 0 records are bad"}
