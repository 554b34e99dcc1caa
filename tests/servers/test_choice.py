"""The servers of a test run are chosen as choice.py says."""

import pytest
import redis
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from operate.servers import EmbeddedKafka, EmbeddedRedis, ServerError
from tests import conftest
from tests.servers import KafkaUsed, chosen_kafka, chosen_redis, unique


@pytest.mark.containers
def test_the_kafka_of_this_run_keeps_what_it_is_sent(kafka: KafkaUsed) -> None:
    topic = kafka.create_topic("orders", partitions=2)
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
    producer.send(topic, b"one", partition=1).get(timeout=30)
    producer.close()
    consumer = KafkaConsumer(bootstrap_servers=kafka.bootstrap)
    assert consumer.end_offsets([TopicPartition(topic, n) for n in (0, 1)]) == {
        TopicPartition(topic, 0): 0,
        TopicPartition(topic, 1): 1,
    }
    consumer.close()


@pytest.mark.containers
def test_the_redis_of_this_run_keeps_what_it_is_told(redis_url: str) -> None:
    key = unique("key")
    with redis.Redis.from_url(redis_url) as client:
        client.set(key, "one")
        assert client.getdel(key) == b"one"


def test_an_address_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedKafka() as kafka, EmbeddedRedis() as server:
        monkeypatch.setenv("TENURE_TEST_KAFKA", kafka.bootstrap)
        monkeypatch.setenv("TENURE_TEST_REDIS", server.url)
        with chosen_kafka() as used:
            assert (used.bootstrap, used.kind) == (kafka.bootstrap, "address")
        with chosen_redis() as used_redis:
            assert (used_redis.url, used_redis.kind) == (server.url, "address")
        assert kafka.pid is not None
        assert server.pid is not None


def test_topics_made_at_an_address_are_deleted_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedKafka() as kafka:
        monkeypatch.setenv("TENURE_TEST_KAFKA", kafka.bootstrap)
        with chosen_kafka() as used:
            topic = used.create_topic()
        consumer = KafkaConsumer(bootstrap_servers=kafka.bootstrap)
        assert topic not in consumer.topics()
        consumer.close()


def test_a_kind_that_is_named_is_the_one_that_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENURE_TEST_REDIS", "embedded")
    with chosen_redis() as used:
        assert used.kind == "embedded"
        assert not used.is_real


@pytest.mark.parametrize(
    "value, reason",
    [
        ("nonsense", "give an address or one of"),
        ("127.0.0.1:1", "nobody answers"),
        ("127.0.0.1:", "nobody answers"),
    ],
)
def test_a_choice_that_cannot_be_followed_is_refused(
    value: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENURE_TEST_KAFKA", value)
    with pytest.raises(ServerError, match=reason), chosen_kafka():
        pass


def test_a_missing_server_skips_at_a_desk_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="needs it"):
        conftest._missing("needs it")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="needs it"):
        conftest._missing("needs it")


def test_no_name_is_given_twice() -> None:
    assert unique("group") != unique("group")
