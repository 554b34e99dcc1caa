import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Protocol

import pytest
import redis

from operate.servers import EmbeddedRedis, LocalRedis, RedisServer
from store.memory_keeper import MemoryKeeper
from store.port import Keeper
from store.redis_keeper import RedisKeeper, open_keeper
from tests.servers import unique

PARTITIONS = range(8)
"""The partitions that tests of the store use."""


class OpensKeepers(Protocol):
    """Opens keepers of one deployment, as several processes would."""

    def __call__(self, *, expected_customers: int = ...) -> Keeper: ...


@pytest.fixture
def raw(redis_url: str) -> Iterator[redis.Redis]:
    """A plain client, to look behind the keeper's back."""
    with redis.Redis.from_url(redis_url, protocol=2) as client:
        yield client


@pytest.fixture
def deployment(redis_url: str, raw: redis.Redis) -> Iterator[str]:
    """A deployment of its own, of which nothing may be left when its partitions are forgotten."""
    name = unique("store")
    yield name
    with closing(open_keeper(redis_url, name)) as keeper:
        keeper.forget(PARTITIONS)
    assert list(raw.scan_iter(f"*{name}*", count=10_000)) == []


@pytest.fixture
def open_redis(redis_url: str, deployment: str) -> Iterator[Callable[..., RedisKeeper]]:
    """Opens Redis keepers of one deployment."""
    opened: list[RedisKeeper] = []

    def open_one(*, expected_customers: int = 100_000) -> RedisKeeper:
        opened.append(open_keeper(redis_url, deployment, expected_customers=expected_customers))
        return opened[-1]

    yield open_one
    for keeper in opened:
        keeper.close()


@pytest.fixture(params=["memory", "redis"])
def open_keepers(request: pytest.FixtureRequest) -> OpensKeepers:
    """Opens keepers of one deployment: in memory it is the same one each time."""
    if request.param == "memory":
        shared: dict[str, MemoryKeeper] = {}

        def open_memory(*, expected_customers: int = 100_000) -> Keeper:
            return shared.setdefault("it", MemoryKeeper(expected_customers=expected_customers))

        return open_memory
    opens: OpensKeepers = request.getfixturevalue("open_redis")
    return opens


@pytest.fixture
def keeper(open_keepers: OpensKeepers) -> Keeper:
    """A keeper of a deployment with nothing in it."""
    return open_keepers()


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A server that the test may reconfigure."""
    server: RedisServer = LocalRedis() if shutil.which("redis-server") else EmbeddedRedis()
    with server:
        yield server


@pytest.fixture
def own_keeper(own_redis: RedisServer) -> Iterator[RedisKeeper]:
    with closing(open_keeper(own_redis.url, "own")) as keeper:
        yield keeper


@pytest.fixture
def own_raw(own_redis: RedisServer) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(own_redis.url, protocol=2) as client:
        yield client
