"""What the Redis user may and must be allowed to do: the rights in docs/operating/state.md."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import redis

from operate.servers import RedisServer
from store.port import Unavailable
from store.redis_keeper import RedisKeeper, open_keeper
from tests.store.samples import NOON
from tests.store.test_keepers_fence import everything
from tests.store.worker import Worker, due_at

PAGE = Path(__file__).parents[2] / "docs" / "operating" / "state.md"
(RIGHTS,) = re.findall(
    r"^ACL SETUSER tenure on >PASSWORD ~tenure:live:\* (.*)$", PAGE.read_text(), re.MULTILINE
)


def as_user(server: RedisServer, rights: str) -> Iterator[RedisKeeper]:
    with redis.Redis.from_url(server.url, protocol=2) as raw:
        raw.execute_command("ACL", "SETUSER", "tenure", "reset", "on", ">secret", *rights.split())
    url = server.url.replace("redis://", "redis://tenure:secret@")
    with closing(open_keeper(url, "own", retries=0)) as keeper:
        yield keeper


def test_the_rights_that_the_documentation_names_are_enough(own_redis: RedisServer) -> None:
    for keeper in as_user(own_redis, f"~tenure:own:* {RIGHTS}"):
        worker = Worker(keeper)
        worker.write({"a": due_at(NOON), "b": due_at(NOON)})
        worker.write({"a": None, "b": due_at(NOON + 1)})
        assert worker.load("b", until=NOON + 1).due == [(NOON + 1, "b")]
        keeper.page(0, worker.token, worker.at, 0)
        everything(keeper)
        keeper.accept_bad(0)
        assert keeper.check_server() == []
        keeper.forget([0])


@pytest.mark.parametrize("missing", ["hdel", "zadd", "zrem", "zrange", "zscore", "type", "hset"])
def test_a_user_without_a_right_that_a_write_needs_cannot_even_take(
    own_redis: RedisServer, missing: str
) -> None:
    """Otherwise a write would stop in the middle, at the first batch that needs the right."""
    rights = f"~tenure:own:* {RIGHTS} -{missing}"
    for keeper in as_user(own_redis, rights):
        with pytest.raises(Unavailable, match="ACL"):
            keeper.take(0, "worker")
        assert keeper.look(0) == (None, None)


def test_a_wrong_password_is_unavailable(own_redis: RedisServer) -> None:
    url = own_redis.url.replace("redis://", "redis://:wrong@")
    with (
        closing(open_keeper(url, "own", retries=0)) as keeper,
        pytest.raises(Unavailable, match="user and password"),
    ):
        keeper.take(0, "worker")
