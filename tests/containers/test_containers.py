"""Real Kafka and Redis can be had as containers, with the configuration that we ship.

The rest of what is marked `containers` runs on them; this says that they are what they should be
and that nothing of them is left behind.
"""

import os
from collections.abc import Iterator

import pytest
import redis
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from testcontainers.core.docker_client import DockerClient
from testcontainers.core.labels import LABEL_SESSION_ID, SESSION_ID

from tests.containers.images import docker_answers, kafka_container, redis_container

pytestmark = pytest.mark.containers


@pytest.fixture(scope="module", autouse=True)
def _docker() -> None:
    if docker_answers():
        return
    if os.environ.get("TENURE_TEST_KAFKA") == "testcontainers":
        pytest.fail("no Docker daemon answers, and the run asks for testcontainers", pytrace=False)
    pytest.skip("no Docker daemon answers; .ci/containers brings one of its own")


@pytest.fixture
def nothing_left() -> Iterator[None]:
    """Nothing that the test started is there after it, not even stopped."""
    client = DockerClient().client
    ours = {"label": f"{LABEL_SESSION_ID}={SESSION_ID}"}
    before = {container.id for container in client.containers.list(all=True, filters=ours)}
    yield
    after = {container.id for container in client.containers.list(all=True, filters=ours)}
    client.close()
    assert after <= before


def test_a_kafka_container_serves_transactions_and_is_removed(nothing_left: None) -> None:
    bootstrap, stop = kafka_container()
    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap)
        admin.create_topics([NewTopic("changes", num_partitions=1, replication_factor=1)])
        admin.close()

        producer = KafkaProducer(bootstrap_servers=bootstrap, transactional_id="a-worker")
        producer.init_transactions()
        for value, end in (
            (b"given up", producer.abort_transaction),
            (b"kept", producer.commit_transaction),
        ):
            producer.begin_transaction()
            producer.send("changes", value).get(timeout=30)
            end()
        producer.close()

        consumer = KafkaConsumer(
            bootstrap_servers=bootstrap,
            isolation_level="read_committed",
            consumer_timeout_ms=30_000,
        )
        partition = TopicPartition("changes", 0)
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        end_offset = consumer.end_offsets([partition])[partition]
        seen = []
        while consumer.position(partition) < end_offset:
            seen += [r.value for batch in consumer.poll(1000).values() for r in batch]
        consumer.close()

        assert seen == [b"kept"]
    finally:
        stop()


def test_a_redis_container_keeps_what_it_is_given_and_is_removed(nothing_left: None) -> None:
    url, stop = redis_container()
    try:
        client = redis.Redis.from_url(url)
        client.set("customer", "c-1")
        assert client.get("customer") == b"c-1"
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        client.close()
    finally:
        stop()
