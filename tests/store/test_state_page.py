"""docs/operating/state.md, held against the code."""

import re
from collections.abc import Callable
from pathlib import Path

import redis

from store.keys import EXPECTED_CUSTOMERS
from store.redis_keeper import RedisKeeper
from tests.store.samples import NOON, TYPICAL
from tests.store.worker import Worker, due_at

PAGE = (Path(__file__).parents[2] / "docs" / "operating" / "state.md").read_text()


def documented(heading: str) -> set[str]:
    """What the first column of the table under a heading names."""
    table = PAGE.split(f"| {heading} |")[1].split("\n\n")[0]
    first_column = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    return {name for cell in first_column for name in re.findall(r"`(.*?)`", cell)}


def test_every_key_and_every_field_of_the_partition_is_documented(
    open_redis: Callable[..., RedisKeeper], raw: redis.Redis, deployment: str
) -> None:
    keeper = open_redis()
    Worker(keeper, name="first").write({"a": TYPICAL})
    Worker(keeper, name="second").write({"b": due_at(NOON)})
    keeper.accept_bad(0)
    stored = raw.hkeys(f"tenure:{deployment}:{{0}}:partition")
    fields = {field.decode() if isinstance(field, bytes) else field for field in stored}
    assert fields == documented("field")
    keys = [key.decode() for key in raw.scan_iter(f"tenure:{deployment}:*")]
    names = {"..." + key.split("}:")[1] for key in keys}
    patterns = {
        re.sub("<.*?>", "[0-9a-f]+", re.escape(name).replace(r"\<", "<").replace(r"\>", ">"))
        for name in documented("key")
    }
    for name in names:
        assert any(re.fullmatch(pattern, name) for pattern in patterns), name
    for pattern in patterns:
        assert any(re.fullmatch(pattern, name) for name in names), pattern


def test_the_default_expectation_is_the_documented_one() -> None:
    assert f"(default {EXPECTED_CUSTOMERS:,})" in PAGE
