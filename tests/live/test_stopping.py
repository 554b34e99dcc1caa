"""A worker that is told to end, ends: soon, and with nothing half done."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from statemachine.policy_file import default_policy
from tests.live.feeds import lives
from tests.live.harness import deployed, until
from tests.live.reference import check
from tests.servers import KafkaUsed, RedisUsed

WITHIN = 1.0
"""Seconds after the batch under way."""


def _at(line: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(line["timestamp"])


def test_sigterm_in_the_midst_of_batches_ends_the_worker_within_a_second_of_the_current_one(
    real_kafka: KafkaUsed, real_redis: RedisUsed, tmp_path: Path
) -> None:
    with deployed(real_kafka, real_redis.url, tmp_path, batch_records=200) as deployment:
        deployment.send(lives((deployment.accounts, deployment.transactions), 0, 150, 200, 0))
        first = deployment.worker("w1")
        until("batches are made", lambda: len(first.lines("batch")) >= 3)
        told = datetime.now(UTC)
        assert first.stop() == 0
        batches, (stopped,) = first.lines("batch"), first.lines("stopped")
        begun = max(told, _at(batches[-1]))
        assert (_at(stopped) - begun).total_seconds() < WITHIN
        assert not deployment.is_settled()
        # The next one goes on where it ended: nothing is executed again. (A partition of which
        # nothing was read yet begins.)
        second = deployment.worker("w1")
        deployment.settle()
        how = {line["how"] for line in second.lines("partition recovered")}
        assert "went on" in how <= {"went on", "began"}
        check(deployment, default_policy())
