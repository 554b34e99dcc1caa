"""Servers of a test's own, to be stopped, killed and started again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from operate.servers import ApacheKafka, EmbeddedRedis, LocalRedis, RedisServer, ServerError


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A Redis of this test's own, to be stopped."""
    kind = LocalRedis if shutil.which("redis-server") else EmbeddedRedis
    with kind(append_only=True) as server:
        yield server


@pytest.fixture
def own_kafka() -> Iterator[ApacheKafka]:
    """An Apache Kafka of this test's own, to be stopped."""
    try:
        # After a kill a broker waits for the session that it had itself, 9 s by default.
        server = ApacheKafka(settings={"broker.session.timeout.ms": "3000"})
        server.start()
    except ServerError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))
    try:
        yield server
    finally:
        server.close()
