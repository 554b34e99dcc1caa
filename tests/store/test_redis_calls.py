"""How many calls a load is, and that nothing may happen between them unnoticed."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from store.port import Fenced, Moved
from store.redis_client import Script
from store.redis_keeper import RedisKeeper
from tests.store.samples import DAY, NOON, record
from tests.store.worker import Worker, due_at

OpensRedis = Callable[..., RedisKeeper]


class Between:
    """Counts a keeper's script calls, and may do something before one of them."""

    def __init__(self, keeper: RedisKeeper, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = 0
        self.before: dict[int, Callable[[], object]] = {}
        run = keeper._client.run

        def counted(script: Script, keys: Sequence[str], arguments: Sequence[str | bytes]) -> Any:
            self.calls += 1
            self.before.pop(self.calls, lambda: None)()
            return run(script, keys, arguments)

        monkeypatch.setattr(keeper._client, "run", counted)


def test_a_load_is_one_call_and_more_only_when_something_is_due(
    open_redis: OpensRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = open_redis(expected_customers=1)
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON), "b": due_at(NOON + 1)})
    between = Between(keeper, monkeypatch)
    for until, ids, calls in (
        (None, ["a"], 1),
        (NOON - 1, ["a"], 1),
        (NOON, ["a"], 2),
        (NOON + 1, ["a"], 3),
    ):
        between.calls = 0
        worker.load(*ids, until=until)
        assert between.calls == calls
    between.calls = 0
    worker.load("a", until=NOON, limit=0)
    worker.write({"a": due_at(NOON + 2)})
    assert between.calls == 2
    worker.load("a", until=NOON)
    assert between.calls == 3


@pytest.mark.parametrize("call", [1, 2, 3])
def test_each_call_of_a_load_is_fenced(
    open_redis: OpensRedis, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    keeper = open_redis()
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON)})
    between = Between(keeper, monkeypatch)
    between.before[call] = lambda: Worker(open_redis(), name="other")
    with pytest.raises(Fenced, match="owned by other"):
        worker.load("b", until=NOON)


@pytest.mark.parametrize("call", [1, 2, 3])
def test_all_calls_of_a_load_see_one_batch(
    open_redis: OpensRedis, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    keeper, other = open_redis(), open_redis()
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON)})
    changes = worker.changes({"a": due_at(NOON + 1)})
    between = Between(keeper, monkeypatch)
    between.before[call] = lambda: other.write(0, worker.token, worker.at, record(2), changes)
    with pytest.raises(Moved, match="is at batch 2"):
        worker.load("b", until=NOON)


def test_more_customers_than_one_command_takes_are_loaded_written_and_erased(
    open_redis: OpensRedis,
) -> None:
    """One bucket and one timer set, so that each script has to divide its arguments."""
    worker = Worker(open_redis(expected_customers=1))
    people = {f"C{n}": due_at(NOON, n) for n in range(10_000)}
    worker.write(people)
    assert worker.load(*people).customers == people
    assert len(worker.load(until=NOON, limit=9_000).due) == 9_000
    worker.write({name: due_at(NOON + 400 * DAY, n) for n, name in enumerate(people)})
    assert worker.load(until=NOON).due == []
    worker.write(dict.fromkeys(people))
    assert worker.load(*people, until=NOON + 400 * DAY).customers == {}
