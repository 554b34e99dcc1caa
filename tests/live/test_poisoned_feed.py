"""A poisoned feed: every tenth record bad; then every record of one partition.

Each bad one is a dead letter, once; the good ones are decided upon as `tenure replay` decides; a
partition whose feed has gone wholly bad is held until an operator says `tenure accept-bad`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from consumer.hold import LEAST_BAD
from consumer.records import InputRecord
from operate.cli import app
from operate.simulate.records import FeedRecord
from schemas.headers import dead_letter_of
from statemachine.policy_file import default_policy
from tests.consumer.bad_records import BAD
from tests.consumer.decoding import CUSTOMER
from tests.live.feeds import lives
from tests.live.harness import PARTITIONS, Deployment, deployed, until
from tests.live.probe import started
from tests.live.reference import check
from tests.servers import KafkaUsed, RedisUsed

pytestmark = pytest.mark.slow

VALUES = [
    bad.record.value
    for bad in BAD
    if bad.reason in ("not_json", "not_utf8", "unknown_type", "invalid_field", "missing_field")
    and bad.record.key == CUSTOMER
]
"""Values that are bad under any key and on any topic."""


class Sent:
    """What was put on the topics by hand: good and bad, per partition."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.bad: Counter[int] = Counter()
        self.good: Counter[int] = Counter()
        self._values = iter(VALUES * 10_000)

    def mixed(self, records: Iterable[FeedRecord], *, tenth: int) -> Iterator[InputRecord]:
        """The records, and a bad one after each nine, ... so that `tenth` in ten are bad."""
        since = 0
        for it in records:
            places = range(PARTITIONS) if it.to_every_partition else [self.place(it)]
            for place in places:
                yield InputRecord(it.topic, place, 0, it.timestamp_ms, it.key, it.value)
                self.good[place] += 1
                since += 1
                if since % (10 - tenth) == 0:
                    for _ in range(tenth):
                        yield self.spoilt(it.topic, place, it.timestamp_ms)

    def spoilt(self, topic: str, place: int, at: int) -> InputRecord:
        """A bad record."""
        self.bad[place] += 1
        return InputRecord(topic, place, 0, at, b"spoilt", next(self._values))

    def place(self, it: FeedRecord) -> int:
        assert it.key is not None
        return self.deployment.place(it.key.decode())


def letters(deployment: Deployment) -> Counter[int]:
    """Dead letters per partition of the inputs; no record has two."""
    told = [
        dead_letter_of(one.headers)
        for one in deployment.published(deployment.settings.dead_letters_topic)
    ]
    coordinates = [(one.topic, one.partition, one.offset) for one in told]
    assert len(set(coordinates)) == len(coordinates)
    return Counter(partition for _, partition, _ in coordinates)


def command(deployment: Deployment, *arguments: str) -> str:
    """A command of an operator's; what it wrote."""
    result = CliRunner().invoke(
        app, [*arguments], env=deployment.environment("operator"), catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.timeout(180)
def test_bad_records_by_the_thousand_are_dead_letters_and_a_feed_gone_bad_is_held_until_told(
    real_kafka: KafkaUsed, real_redis: RedisUsed, tmp_path: Path
) -> None:
    with deployed(real_kafka, real_redis.url, tmp_path) as deployment:
        topics = (deployment.accounts, deployment.transactions)
        worker, probe = started(deployment)
        sent = Sent(deployment)

        # Every tenth record is bad: below the line at which a partition is held.
        feed = list(sent.mixed(lives(topics, 0, 180, 365, 5), tenth=1))
        assert sent.bad.total() > 2_000
        deployment.send_raw(feed)
        deployment.settle()
        assert letters(deployment) == sent.bad
        assert worker.lines("partition held") == []
        consumed = sum(line["records"] for line in worker.lines("batch"))
        assert consumed == sent.bad.total() + sent.good.total() == len(feed)
        expected = check(deployment, default_policy())
        assert len(expected.refused) == sent.bad.total()

        # Every record of one partition is bad, then good ones come; the others go on.
        spoilt = 0
        at = max(it.timestamp_ms for it in feed)
        others = [number for number in range(PARTITIONS) if number != spoilt]
        before = letters(deployment)[spoilt]
        deployment.send_raw(sent.spoilt(deployment.transactions, spoilt, at) for _ in range(3_000))
        until("the partition is held", lambda: bool(worker.lines("partition held")))
        deployment.send_raw(sent.mixed(lives(topics, 1, 150, 60, 5), tenth=1))
        until("the others go on", lambda: deployment.is_settled(others))
        (warning,) = worker.lines("partition held")
        remedy = (
            "repair the feed; look at the dead letters; then let the partition go on with"
            f" 'tenure accept-bad {spoilt}'"
        )
        assert (warning["partition"], warning["remedy"]) == (spoilt, remedy)
        told = probe.ready()
        assert told is not None
        assert told["ready"]
        assert told["held"] == [{"partition": spoilt, "why": warning["why"], "remedy": remedy}]
        assert remedy in probe.command()[1]
        assert "held" in command(deployment, "status")
        assert not deployment.is_settled([spoilt])
        emptied = letters(deployment)[spoilt] - before
        assert LEAST_BAD <= emptied < 1_000

        # Held still after a crash: a restart is no word of an operator's.
        worker.kill()
        worker, probe = started(deployment)
        assert [line["partition"] for line in worker.lines("partition held")] == [spoilt]

        # Told, it resumes and loses nothing.
        assert f"partition {spoilt} goes on" in command(deployment, "accept-bad", str(spoilt))
        deployment.settle()
        assert letters(deployment) == sent.bad
        expected = check(deployment, default_policy())
        assert len(expected.refused) == sent.bad.total()
        ends = deployment.ends()
        assert sum(sum(of.values()) for of in ends.values()) == sent.bad.total() + sent.good.total()
        told = probe.ready()
        assert told is not None
        assert told["held"] == []
