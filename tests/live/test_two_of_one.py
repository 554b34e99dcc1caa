"""Two of what there must be one of: a second Redis under one deployment, a second worker of an id.

Each is a mistake of whoever sets workers up, and is told in one line with the remedy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from operate.servers import RedisServer
from statemachine.policy_file import default_policy
from store.redis_keeper import open_keeper
from tests.live.feeds import lives
from tests.live.harness import PARTITIONS, Deployment, deployed, until
from tests.live.process import WorkerProcess
from tests.live.reference import check
from tests.servers import KafkaUsed, RedisUsed

pytestmark = pytest.mark.slow


def refusal(worker: WorkerProcess) -> str:
    """What it refused with; it has ended."""
    assert worker.wait() == 1, worker.last_words()
    (line,) = worker.lines("refused")
    return str(line["why"])


def recovered(worker: WorkerProcess, *partitions: int) -> bool:
    """Whether these are in order by now."""
    return {line["partition"] for line in worker.lines("partition recovered")} >= {*partitions}


def feed(deployment: Deployment, number: int) -> None:
    """A part of the customers' lives, consumed."""
    topics = (deployment.accounts, deployment.transactions)
    deployment.send(lives(topics, number, 30, 60, 5))


def adopted(worker: WorkerProcess) -> list[dict[str, Any]]:
    """Whose place its store took."""
    return worker.lines("store adopted")


@pytest.mark.timeout(180)
def test_a_second_redis_under_one_deployment_is_refused_until_somebody_says_which_is_to_be(
    real_kafka: KafkaUsed, real_redis: RedisUsed, redis: RedisServer, tmp_path: Path
) -> None:
    """It joins while the first is in use; then it is used alone; then the first comes back."""
    with deployed(real_kafka, real_redis.url, tmp_path) as deployment:
        first = deployment.worker("w1")
        feed(deployment, 0)
        deployment.settle()

        stranger = deployment.worker("w2", redis_url=redis.url, PATIENCE=1)
        why = refusal(stranger)
        assert "this one ('" in why
        assert "two Redis servers serve deployment" in why
        assert "give it a TENURE_DEPLOYMENT of its own" in why
        assert stranger.lines("waiting")[0]["on"] == "Redis"
        assert not stranger.lines("batch")
        feed(deployment, 1)
        deployment.settle()
        assert not adopted(first)
        check(deployment, default_policy())
        first.kill()

        # Nobody is there who could be missed in the second store: it takes the first one's place.
        stranger = deployment.worker("w2", redis_url=redis.url)
        until("the second store is brought up", lambda: recovered(stranger, *range(PARTITIONS)))
        assert {line["partition"] for line in adopted(stranger)} == {*range(PARTITIONS)}
        assert {line["of_worker"] for line in adopted(stranger)} == {"w1"}
        feed(deployment, 2)
        deployment.keeper, ours = (
            open_keeper(redis.url, deployment.settings.deployment),
            deployment.keeper,
        )
        deployment.settle()
        check(deployment, default_policy())
        deployment.keeper = ours
        assert stranger.stop() == 0

        # The first store comes back: it was in use, and another one went on.
        why = refusal(deployment.worker("w1"))
        assert "was remembered by another store" in why
        assert "by worker 'w2'" in why
        assert "--accept-store" in why
        first = deployment.worker("w1", accept_store=True)
        feed(deployment, 3)
        deployment.settle()
        check(deployment, default_policy())
        assert adopted(first)


def test_a_redis_that_was_lost_is_brought_up_again_by_all_its_workers_unasked(
    real_kafka: KafkaUsed, real_redis: RedisUsed, tmp_path: Path
) -> None:
    """Both find it empty in the midst of their work, and wait for each other to come to it."""
    with deployed(real_kafka, real_redis.url, tmp_path) as deployment:
        workers = [deployment.worker(name) for name in ("w1", "w2")]
        feed(deployment, 0)
        deployment.settle()
        deployment.keeper.forget(range(PARTITIONS))
        until("both bring it up", lambda: all(map(adopted, workers)))
        feed(deployment, 1)
        deployment.settle()
        check(deployment, default_policy())


def test_of_two_workers_under_one_id_the_one_that_was_replaced_says_so_and_ends(
    real_kafka: KafkaUsed, real_redis: RedisUsed, tmp_path: Path
) -> None:
    """The newcomer cannot know, it looks like a restart; replaced in turn, it says the same."""
    with deployed(real_kafka, real_redis.url, tmp_path) as deployment:
        twins = [deployment.worker("w1")]
        for number in range(2):
            feed(deployment, number)
            until("it works", lambda: bool(twins[-1].lines("batch")))
            twins.append(deployment.worker("w1"))
            assert refusal(twins[-2]) == (
                "another worker runs under the id 'w1': give every worker its own TENURE_WORKER_ID"
            )
        deployment.settle()
        check(deployment, default_policy())
