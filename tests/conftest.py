"""What every test may ask for. How the servers are chosen: tests/servers/choice.py."""

import os
from collections.abc import Iterator

import pytest

from tests.servers import KafkaUsed, RedisUsed, chosen_kafka, chosen_redis


@pytest.fixture(scope="session")
def kafka() -> Iterator[KafkaUsed]:
    """The run's Kafka, or the embedded broker; use `real_kafka` if that is not enough."""
    with chosen_kafka() as used:
        yield used


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisUsed]:
    """The run's Redis, or the embedded Valkey."""
    with chosen_redis() as used:
        yield used


@pytest.fixture(scope="session")
def redis_url(redis_server: RedisUsed) -> str:
    """The address of the run's Redis, for `redis.Redis.from_url`."""
    return redis_server.url


@pytest.fixture(scope="session")
def real_kafka(kafka: KafkaUsed) -> KafkaUsed:
    """Apache Kafka itself: where there is none, the test is skipped at a desk and fails in CI."""
    if not kafka.is_real:
        _missing("needs Apache Kafka: set TENURE_TEST_KAFKA, or have Docker, or Java 17 and Maven")
    return kafka


@pytest.fixture(scope="session")
def real_redis(redis_server: RedisUsed) -> RedisUsed:
    """Redis itself: where there is none, the test is skipped at a desk and fails in CI."""
    if not redis_server.is_real:
        _missing("needs Redis itself: set TENURE_TEST_REDIS, or have Docker or redis-server")
    return redis_server


def _missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)
