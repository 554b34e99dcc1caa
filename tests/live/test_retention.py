"""What comes next is no longer in Kafka: `tenure run` refuses in one line, with the choices.

Records are deleted by the broker, as retention does it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, TopicPartition

from operate.exits import Exit
from statemachine.policy_file import default_policy
from tests.live.feeds import lives
from tests.live.harness import PARTITIONS, Deployment, deployed
from tests.live.reference import check
from tests.servers import KafkaUsed, RedisUsed

pytestmark = pytest.mark.slow

TENURE = (sys.executable, "-c", "from operate.cli import main; main()")


def deleted(deployment: Deployment, before: Mapping[int, int]) -> None:
    """The postings' records of these partitions are deleted up to an offset."""
    topic = deployment.transactions
    admin = KafkaAdminClient(bootstrap_servers=deployment.kafka.bootstrap)
    try:
        admin.delete_records({TopicPartition(topic, n): offset for n, offset in before.items()})
    finally:
        admin.close()


def refused(deployment: Deployment, worker_id: str = "w1") -> str:
    """The one line with which `tenure run` ends by itself, and with the code of a refusal."""
    ended = subprocess.run(
        [*TENURE, "run"],
        env=deployment.environment(worker_id),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == Exit.REFUSED, ended.stderr
    (line,) = (text for text in ended.stderr.splitlines() if text.startswith("tenure: "))
    return line


def postings(deployment: Deployment) -> dict[int, int]:
    """The ends of the postings' partitions."""
    return {number: topics[deployment.transactions] for number, topics in deployment.ends().items()}


def test_records_deleted_before_they_were_read_are_refused_with_the_choices(
    real_kafka: KafkaUsed, real_redis: RedisUsed, tmp_path: Path
) -> None:
    """Of a stopped worker, and of one that stood still for so long."""
    with deployed(real_kafka, real_redis.url, tmp_path) as deployment:
        topics = (deployment.accounts, deployment.transactions)
        worker = deployment.worker("w1")
        deployment.send(lives(topics, 0, 30, 60, 5))
        deployment.settle()
        expected = check(deployment, default_policy())
        worker.freeze()
        at = postings(deployment)
        deployment.send(lives(topics, 1, 30, 60, 5))
        deleted(deployment, {number: end + 5 for number, end in at.items()})
        worker.thaw()
        assert worker.wait() == 1
        (told,) = worker.lines("refused")
        # The first partition is refused first, whoever asks.
        words = (
            f"partition 0: records were deleted before they were read ({deployment.transactions}: 5"
            f" from offset {at[0]})"
        )
        assert told["why"].startswith(words)
        line = refused(deployment)
        assert line.startswith(f"tenure: {words}")
        assert "Choices: restore the topics; or begin anew under another TENURE_DEPLOYMENT" in line
        for number in range(PARTITIONS):
            customers = dict(deployment.keeper.everybody(number))
            assert customers == expected.customers[number]

        # Nor does a store that was lost come back from what is left.
        deployment.keeper.forget(range(PARTITIONS))
        line = refused(deployment)
        assert line.startswith("tenure: partition 0: the log does not reach back to what comes")
        assert f"({deployment.transactions})" in line
        assert "Choices: restore the store from a backup that is newer; restore the topics" in line
