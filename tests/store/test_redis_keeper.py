"""What only the Redis keeper can get wrong: namespaces, layouts, lost writes, keys."""

import re
from collections.abc import Callable

import pytest
import redis

from store.port import Fenced, Keeper, Moved, Unavailable
from store.redis_keeper import RedisKeeper
from tests.store.samples import DAY, NOON, record
from tests.store.test_keepers_fence import CALLS, Call, each_call
from tests.store.worker import Worker, due_at

OpensRedis = Callable[..., RedisKeeper]

KEY = re.compile(
    r"tenure:[^:]+:\{\d+\}:"
    r"(partition|[0-9a-f]{6}:(customers:\d+|due|due:-?\d+:\d+))"
)


def keys_of(raw: redis.Redis, deployment: str) -> set[str]:
    return {key.decode() for key in raw.scan_iter(f"tenure:{deployment}:*", count=10_000)}


class Dump:
    """Everything of a deployment at one moment, to go back to."""

    def __init__(self, raw: redis.Redis, deployment: str) -> None:
        self._raw = raw
        self._deployment = deployment
        self._values = {key: raw.dump(key) for key in keys_of(raw, deployment)}

    def restore(self) -> None:
        """As a failover to a replica that lagged would: what came later is lost."""
        for key in keys_of(self._raw, self._deployment):
            self._raw.delete(key)
        for key, value in self._values.items():
            assert isinstance(value, bytes)
            self._raw.restore(key, 0, value)


@each_call
def test_writes_lost_in_a_failover_are_noticed(
    open_redis: OpensRedis, raw: redis.Redis, deployment: str, call: Call
) -> None:
    keeper = open_redis()
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON, 1)})
    older = Dump(raw, deployment)
    worker.write({"a": due_at(NOON + DAY, 2), "b": due_at(NOON, 1)})
    older.restore()
    with pytest.raises(Moved, match=r"should be at batch 2 .* and is at batch 1"):
        call(keeper, worker.token, worker.at)
    assert keeper.find(0, "a") == due_at(NOON, 1)
    assert keeper.find(0, "b") is None
    again = Worker(keeper)
    assert again.at == record(1).position
    assert again.load(until=NOON).due == [(NOON, "a")]
    assert again.write({"a": due_at(NOON + DAY, 2), "b": due_at(NOON, 1)}) == "written"
    assert again.load(until=NOON + DAY).due == [(NOON, "b"), (NOON + DAY, "a")]


@each_call
def test_an_ownership_lost_in_a_failover_is_noticed(
    open_redis: OpensRedis, raw: redis.Redis, deployment: str, call: Call
) -> None:
    Worker(open_redis(), name="old").write({"a": due_at(NOON)})
    older = Dump(raw, deployment)
    new = Worker(open_redis(), name="new")
    older.restore()
    with pytest.raises(Fenced, match="owned by old now"):
        call(new.keeper, new.token, new.at)


@each_call
def test_a_server_that_lost_everything_is_noticed(
    open_redis: OpensRedis, raw: redis.Redis, deployment: str, call: Call
) -> None:
    keeper = open_redis()
    worker = Worker(keeper)
    nothing = Dump(raw, "of-nobody")
    worker.write({"a": due_at(NOON)})
    for key in keys_of(raw, deployment):
        raw.delete(key)
    nothing.restore()
    with pytest.raises(Moved, match="its state is gone"):
        call(keeper, worker.token, worker.at)
    assert keys_of(raw, deployment) == set()


@each_call
def test_another_live_namespace_is_noticed(
    open_redis: OpensRedis, raw: redis.Redis, deployment: str, call: Call
) -> None:
    """A rebuild switches by one field; whoever works on the old state learns it at once."""
    keeper = open_redis()
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON)})
    before = keys_of(raw, deployment)
    raw.hset(f"tenure:{deployment}:{{0}}:partition", "namespace", "rebuilt")
    with pytest.raises(Moved, match="'rebuilt'"):
        call(keeper, worker.token, worker.at)
    assert keys_of(raw, deployment) == before
    again = Worker(keeper)
    assert again.load("a").customers == {}
    assert again.write({"b": due_at(NOON)}) == "written"
    assert keeper.find(0, "a") is None


def test_the_layout_of_a_partition_is_remembered(open_redis: OpensRedis) -> None:
    small = Worker(open_redis(expected_customers=3_000))
    people = {f"C{number}": due_at(NOON + number * DAY, number) for number in range(50)}
    small.write(people)
    large = Worker(open_redis(expected_customers=1_000_000))
    assert large.keeper.pages(0) == small.keeper.pages(0) == 4
    assert large.load(*people, until=NOON + 20 * DAY).customers == people
    large.write({"C1": due_at(NOON - DAY), "C2": None})
    assert large.load(until=NOON).due == [(NOON - DAY, "C1"), (NOON, "C0")]
    assert sum(1 for _ in large.keeper.everybody(0)) == 49
    new_partition = Worker(large.keeper, 1)
    assert new_partition.keeper.pages(1) == 1024


def test_keys_are_those_that_the_documentation_names(
    open_redis: OpensRedis, raw: redis.Redis, deployment: str
) -> None:
    worker = Worker(open_redis(), 5)
    worker.write({f"C{n}": due_at(NOON + n * DAY if n % 2 else -n) for n in range(300)})
    worker.keeper.accept_bad(5)
    worker.load(*[f"C{n}" for n in range(300)], until=NOON)
    keys = keys_of(raw, deployment)
    assert len(keys) > 200
    assert [key for key in keys if not KEY.fullmatch(key)] == []
    assert all("{5}" in key for key in keys)
    assert all(raw.ttl(key) == -1 for key in keys)


def test_a_timer_set_that_is_empty_leaves_its_index(
    open_redis: OpensRedis, raw: redis.Redis, deployment: str
) -> None:
    worker = Worker(open_redis())
    worker.write({"a": due_at(NOON), "b": due_at(NOON)})
    (index,) = [key for key in keys_of(raw, deployment) if key.endswith(":due")]
    worker.write({"a": due_at(NOON + 50 * DAY), "b": due_at(None)})
    (only,) = [key for key in keys_of(raw, deployment) if ":due:" in key]
    assert raw.zcard(index) == 1
    assert raw.zscore(index, only.removeprefix(f"{index}:")) == NOON + 50 * DAY
    worker.write({"a": None})
    assert [key for key in keys_of(raw, deployment) if ":due" in key] == []


def test_small_timer_sets_stay_in_redis_compact_form(
    open_redis: OpensRedis, raw: redis.Redis, deployment: str
) -> None:
    worker = Worker(open_redis(expected_customers=20_000))
    people = {f"C{n:06d}": due_at(NOON + n % 120 * DAY) for n in range(20_000)}
    worker.write(people)
    sets = [key for key in keys_of(raw, deployment) if ":due:" in key]
    forms = {raw.object("encoding", key) for key in sets}
    assert forms <= {b"listpack", b"ziplist"}


def test_a_write_that_fails_at_a_wrong_type_changes_nothing(
    open_redis: OpensRedis, raw: redis.Redis, deployment: str
) -> None:
    """The last of many keys is spoilt: the ones before it must not have been written."""
    keeper = open_redis()
    worker = Worker(keeper)
    people = {f"C{n}": due_at(NOON) for n in range(50)}
    worker.write(people)
    sets = sorted(key for key in keys_of(raw, deployment) if ":due:" in key)
    before = Dump(raw, deployment)
    raw.delete(sets[-1])
    raw.set(sets[-1], "spoilt")
    with pytest.raises(RuntimeError, match=re.escape(sets[-1])):
        worker.write({name: due_at(None, 2) for name in people})
    assert keeper.find(0, "C0") == due_at(NOON)
    before.restore()
    assert worker.load("C0").customers == {"C0": due_at(NOON)}


def test_a_partition_half_forgotten_leaves_nothing_that_is_read(
    open_redis: OpensRedis, raw: redis.Redis, deployment: str
) -> None:
    """A crash after the first step of forget: the new life has a namespace of its own."""
    keeper = open_redis()
    Worker(keeper).write({"a": due_at(NOON)})
    raw.delete(f"tenure:{deployment}:{{0}}:partition")
    again = Worker(keeper)
    assert again.load("a", until=NOON).customers == {}
    assert list(keeper.timers(0)) == []
    again.write({"a": due_at(NOON + 1)})
    assert list(keeper.everybody(0)) == [("a", due_at(NOON + 1))]


def test_a_partition_is_fenced_before_any_of_it_is_removed(
    open_redis: OpensRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, forgetting = open_redis(), open_redis()
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON)})
    command = forgetting._client.command

    def crashing(*parts: str | bytes | int) -> object:
        if parts[0] in {"SCAN", "UNLINK"}:
            raise Unavailable("crashed here")
        return command(*parts)

    with monkeypatch.context() as crash:
        crash.setattr(forgetting._client, "command", crashing)
        with pytest.raises(Unavailable, match="crashed here"):
            forgetting.forget([0])
    with pytest.raises(Moved, match="its state is gone"):
        worker.write({"a": due_at(None)})
    assert Worker(keeper).load("a", until=NOON).customers == {}


def test_nobody_is_told_twice_while_a_bucket_shrinks_or_grows(open_redis: OpensRedis) -> None:
    """Redis repeats entries when a hash shrinks during a scan."""
    keeper = open_redis(expected_customers=1)
    worker = Worker(keeper)
    people = {f"C{n}": due_at(None, n) for n in range(6_000)}
    staying = {name for name in people if int(name[1:]) % 50 == 0}
    worker.write(people)
    told: list[str] = []
    for number, (name, _) in enumerate(keeper.everybody(0)):
        told.append(name)
        if number == 700:
            worker.write(dict.fromkeys(people.keys() - staying))
        elif number % 100 == 0:
            worker.write({f"N{number}-{n}": due_at(None) for n in range(number // 50)})
    assert len(told) == len(set(told))
    assert staying <= set(told)


def test_an_entry_that_a_scan_repeats_is_told_once(
    open_redis: OpensRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = open_redis(expected_customers=1)
    people = {f"C{n}": due_at(None, n) for n in range(1_500)}
    Worker(keeper).write(people)
    command = keeper._client.command
    pages: list[dict[bytes, bytes]] = []

    def repeating(*parts: str | bytes | int) -> object:
        answer = command(*parts)
        if parts[0] == "HSCAN":
            cursor, page = answer
            pages.append(page)
            return cursor, page | pages[0]
        return answer

    monkeypatch.setattr(keeper._client, "command", repeating)
    told = [name for name, _ in keeper.everybody(0)]
    assert len(pages) > 1
    assert sorted(told) == sorted(people)


def test_every_fenced_call_is_covered() -> None:
    """The calls of the suite are all of the port that take a token."""
    fenced = {"load", "page", "write"}
    for name in vars(Keeper):
        code = getattr(getattr(Keeper, name), "__code__", None)
        if code is not None and "token" in code.co_varnames:
            assert name in fenced
    assert {name.split()[0] for name in CALLS} == fenced
