"""The health port of a worker on real servers, while Redis or a feed goes away and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from operate.exits import Exit
from operate.servers import RedisServer
from statemachine.policy_file import default_policy
from tests.live.feeds import lives
from tests.live.harness import deployed, until
from tests.live.probe import standing_still, started
from tests.live.reference import check
from tests.servers import KafkaUsed, RedisUsed

pytestmark = pytest.mark.slow


def test_redis_goes_away_and_the_worker_says_why_it_is_not_ready_until_it_is_back(
    real_kafka: KafkaUsed, real_redis: RedisUsed, redis: RedisServer, tmp_path: Path
) -> None:
    """It stands still, and in between the worker lives all the time."""
    with deployed(real_kafka, redis.url, tmp_path) as deployment:
        topics = (deployment.accounts, deployment.transactions)
        worker, probe = started(deployment)
        code, words = probe.command()
        assert code == Exit.DONE
        assert words.startswith("w1 is ready: serves partitions 0 1 2 3\n")
        deployment.send(lives(topics, 0, 30, 60, 0))
        deployment.settle()
        told = probe.ready()
        assert told is not None
        assert told["last_batch_seconds"] < 60
        assert told["policy_digest"] == default_policy().digest

        with standing_still(redis):
            until("the worker misses Redis", lambda: probe.waits_for("Redis"))
            code, words = probe.command()
            assert code == Exit.NOT_READY
            assert "\n  waiting for Redis, " in words
        until("the worker is ready again", probe.is_ready)

        deployment.send(lives(topics, 1, 30, 60, 5))
        deployment.settle()
        check(deployment, default_policy())
        assert worker.lines("waiting")[0]["on"] == "Redis"

        assert worker.stop() == 0
        assert probe.get("/ready") is None
        code, words = probe.command()
        assert code == Exit.WORLD
        assert words.startswith(f"tenure: no worker answers at 127.0.0.1 port {probe.port}")


def test_a_feed_in_doubt_is_named_and_the_worker_is_ready_all_the_same(
    real_kafka: KafkaUsed, real_redis: RedisUsed, tmp_path: Path
) -> None:
    options = {"idle_clock": "wall", "feed_stale_after": 3, "feed_settle": 1}
    with deployed(real_kafka, real_redis.url, tmp_path, **options) as deployment:
        topics = (deployment.accounts, deployment.transactions)
        feed = iter(lives(topics, 0, 150, 200, 0))
        worker, probe = started(deployment)

        def doubted() -> list[str]:
            told = probe.ready()
            assert told is not None
            assert told["ready"]
            return [one["topic"] for one in told["feeds_in_doubt"]]

        def speaks(*names: str) -> None:
            """The next record of each of these topics."""
            for name in names:
                deployment.send([next(record for record in feed if record.topic == name)])

        def only_transactions_are_doubted() -> bool:
            speaks(deployment.accounts)
            return doubted() == [deployment.transactions]

        def nothing_is_doubted() -> bool:
            speaks(*topics)
            return doubted() == []

        until("nothing is doubted any more", nothing_is_doubted)
        until("the silent topic alone is doubted", only_transactions_are_doubted)
        until("nothing is doubted any more", nothing_is_doubted)
        warned = [
            (line["event"], line["topic"])
            for line in worker.lines()
            if line.get("level") == "warning" and "topic" in line
        ]
        assert warned[-2:] == [
            ("feed in doubt", deployment.transactions),
            ("feed believed again", deployment.transactions),
        ]
