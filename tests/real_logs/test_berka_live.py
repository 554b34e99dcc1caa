"""Berka through a real worker on Apache Kafka and Redis: what is published equals the replay."""

import pytest

from tests.real_logs.live import PARTITIONS, Lived, live
from tests.real_logs.logs import RealLog
from tests.real_logs.same import (
    assert_the_last_word_is_the_last_change,
    assert_the_same_is_remembered,
    assert_the_same_was_said,
)
from tests.servers import KafkaUsed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def lived(berka_log: RealLog, real_kafka: KafkaUsed, redis_url: str) -> Lived:
    return live(real_kafka, redis_url, berka_log)


def test_the_worker_says_what_the_replay_says_customer_by_customer(
    berka_log: RealLog, lived: Lived
) -> None:
    assert_the_same_was_said(lived, berka_log.told)


def test_redis_remembers_everybody_as_the_replay_does(berka_log: RealLog, lived: Lived) -> None:
    assert_the_same_is_remembered(lived, berka_log.told, berka_log.policy)


def test_the_compacted_topic_ends_with_each_customers_last_change(lived: Lived) -> None:
    assert_the_last_word_is_the_last_change(lived)


def test_every_record_of_the_log_is_consumed_and_none_is_refused(
    berka_log: RealLog, lived: Lived
) -> None:
    once_per_partition = 2 * (PARTITIONS - 1)  # two watermarks
    assert lived.inputs == len(berka_log.records) + once_per_partition
    assert lived.dead_letters == 0
