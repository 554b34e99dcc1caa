"""Each load, page and write names an owner and a position; any doubt is an exception, and
nothing is written.
"""

from collections.abc import Callable

import pytest

from store.port import Fenced, Keeper, Moved, Position
from tests.store.conftest import OpensKeepers
from tests.store.samples import NOON, record
from tests.store.worker import Worker, due_at

Call = Callable[[Keeper, str, Position | None], object]

CALLS: dict[str, Call] = {
    "load": lambda keeper, token, at: keeper.load(0, token, at, ["a"], None, 0),
    "load of what is due": lambda keeper, token, at: keeper.load(0, token, at, [], NOON, 9),
    "page": lambda keeper, token, at: keeper.page(0, token, at, 0),
    "write": lambda keeper, token, at: keeper.write(
        0, token, at, record(at.batch + 1 if at else 1, "x"), {}
    ),
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


def everything(keeper: Keeper) -> object:
    """All that can be seen of partition 0, without its owner."""
    return (
        keeper.look(0)[1],
        sorted(keeper.timers(0)),
        sorted(keeper.everybody(0), key=lambda entry: entry[0]),
    )


@each_call
def test_a_token_that_is_not_the_owners_is_fenced(keeper: Keeper, call: Call) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON)})
    before = everything(keeper)
    with pytest.raises(Fenced, match="owned by worker now"):
        call(keeper, "another token", worker.at)
    assert everything(keeper) == before


@each_call
def test_the_old_owner_is_fenced_by_the_new_one(open_keepers: OpensKeepers, call: Call) -> None:
    old = Worker(open_keepers(), name="old")
    old.write({"a": due_at(NOON)})
    new = Worker(open_keepers(), name="new")
    assert new.previous_owner == "old"
    assert new.at == old.at
    before = everything(old.keeper)
    with pytest.raises(Fenced, match="owned by new now"):
        call(old.keeper, old.token, old.at)
    assert everything(old.keeper) == before
    assert new.write({"a": due_at(NOON + 1)}) == "written"


@each_call
def test_a_worker_that_takes_its_partition_again_fences_its_former_self(
    keeper: Keeper, call: Call
) -> None:
    former = Worker(keeper)
    latter = Worker(keeper)
    assert latter.previous_owner is None, "nobody else had it"
    with pytest.raises(Fenced):
        call(keeper, former.token, former.at)


@each_call
@pytest.mark.parametrize(
    "batch, nonce, says",
    [
        (1, "n1", "should be at batch 1 .* and is at batch 2"),
        (3, "n3", "should be at batch 3 .* and is at batch 2"),
        (2, "m2", "should be at batch 2 .* by another attempt"),
        (None, "", "should be at no batch, and is at batch 2"),
    ],
    ids=["behind", "ahead", "another nonce", "nothing yet"],
)
def test_a_position_that_is_not_the_last_written_is_refused(
    keeper: Keeper, call: Call, batch: int | None, nonce: str, says: str
) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON)})
    worker.write({"b": due_at(NOON)})
    before = everything(keeper)
    with pytest.raises(Moved, match=says):
        call(keeper, worker.token, None if batch is None else Position(batch, nonce, {}))
    assert everything(keeper) == before
    assert worker.load("a").customers == {"a": due_at(NOON)}


@each_call
def test_a_position_where_nothing_was_ever_written_is_refused(keeper: Keeper, call: Call) -> None:
    worker = Worker(keeper)
    with pytest.raises(Moved, match="is at no batch"):
        call(keeper, worker.token, Position(4, "n4", {}))


@each_call
def test_a_partition_that_was_forgotten_has_moved(keeper: Keeper, call: Call) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON)})
    keeper.forget([0])
    with pytest.raises(Moved, match="its state is gone"):
        call(keeper, worker.token, worker.at)
    assert everything(keeper) == (None, [], [])


@each_call
def test_a_partition_that_nobody_took_has_moved(keeper: Keeper, call: Call) -> None:
    with pytest.raises(Moved, match="nobody took it"):
        call(keeper, "token", None)
    with pytest.raises(Moved):
        keeper.pages(0)


def test_the_same_batch_sent_twice_is_written_once(keeper: Keeper) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON)})
    at, changes = worker.at, worker.changes({"a": due_at(NOON + 1), "b": due_at(NOON)})
    keeper.accept_bad(0)
    first = keeper.write(0, worker.token, at, record(2), changes, accepted_bad=True)
    assert first == "written"
    after = everything(keeper)
    keeper.accept_bad(0)
    again = keeper.write(0, worker.token, at, record(2), changes, accepted_bad=True)
    assert again == "already_written"
    assert everything(keeper) == after
    assert keeper.load(0, worker.token, record(2).position, [], None, 0).accepted_bad


def test_the_first_batch_sent_twice_is_written_once(keeper: Keeper) -> None:
    worker = Worker(keeper)
    assert keeper.write(0, worker.token, None, record(1), {}) == "written"
    assert keeper.write(0, worker.token, None, record(1), {}) == "already_written"


def test_another_attempt_at_the_same_batch_is_refused(keeper: Keeper) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON)})
    before = everything(keeper)
    with pytest.raises(Moved):
        keeper.write(0, worker.token, None, record(1, "another"), {})
    assert everything(keeper) == before


def test_a_batch_sent_twice_is_fenced_when_another_owner_came_between(keeper: Keeper) -> None:
    worker = Worker(keeper)
    worker.write()
    Worker(keeper, name="other")
    with pytest.raises(Fenced):
        keeper.write(0, worker.token, None, record(1), {})


def test_the_new_owner_may_write_the_batch_that_the_old_one_did_not(keeper: Keeper) -> None:
    old = Worker(keeper, name="old")
    old.write({"a": due_at(NOON)})
    new = Worker(keeper, name="new")
    new.write({"a": due_at(NOON + 1)}, nonce="new")
    with pytest.raises(Fenced):
        old.write({"a": due_at(NOON + 2)})
    assert keeper.find(0, "a") == due_at(NOON + 1)


def test_a_timer_that_is_not_where_the_caller_says_stops_the_whole_write(keeper: Keeper) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON), "b": due_at(NOON)})
    worker.timers["b"] = NOON + 1
    before = everything(keeper)
    with pytest.raises(ValueError, match="'b' is not the `timer_before`"):
        worker.write({"a": due_at(NOON + 5), "b": due_at(NOON + 5), "c": due_at(NOON)})
    assert everything(keeper) == before
