import random

import pytest

from store.port import Keeper
from tests.store.conftest import OpensKeepers
from tests.store.samples import DAY, NOON
from tests.store.worker import Worker, due_at


@pytest.fixture(params=[1, 100_000], ids=["one set", "many sets"])
def keeper(request: pytest.FixtureRequest, open_keepers: OpensKeepers) -> Keeper:
    """Timers that share a set, and timers that do not."""
    return open_keepers(expected_customers=request.param)


def test_nobody_is_due_before_their_time(keeper: Keeper) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON), "b": due_at(None)})
    assert worker.load("a", until=NOON - 1).due == []
    assert worker.load("a").due == []
    assert worker.load("a", until=NOON).due == [(NOON, "a")]


def test_the_states_of_those_due_are_loaded(keeper: Keeper) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON, 1), "b": due_at(NOON + 1, 2), "c": due_at(None, 3)})
    loaded = worker.load("c", "b", until=NOON + 1)
    assert loaded.due == [(NOON, "a"), (NOON + 1, "b")]
    assert loaded.customers == {
        "a": due_at(NOON, 1),
        "b": due_at(NOON + 1, 2),
        "c": due_at(None, 3),
    }


def test_the_earliest_come_first_and_at_the_same_time_by_customer_id(keeper: Keeper) -> None:
    worker = Worker(keeper)
    dues = {"b": NOON, "a": NOON + 1, "B": NOON, "é": NOON, "10": NOON, "9": NOON, "z": NOON - 9}
    worker.write({name: due_at(due) for name, due in dues.items()})
    ordered = [(NOON - 9, "z"), *((NOON, name) for name in ("10", "9", "B", "b", "é"))]
    ordered.append((NOON + 1, "a"))
    assert worker.load(until=NOON + DAY).due == ordered
    for limit in range(len(ordered) + 2):
        assert worker.load(until=NOON + DAY, limit=limit).due == ordered[:limit]


@pytest.mark.parametrize("expected", [100, 20_000, 200_000])
def test_a_limit_cuts_the_order_over_all_timers_wherever_they_are_kept(
    open_keepers: OpensKeepers, expected: int
) -> None:
    """Several days, several sets a day, many at the same instant, and a limit anywhere."""
    worker = Worker(open_keepers(expected_customers=expected))
    dice = random.Random(expected)
    dues = {f"C{n:03d}": NOON + dice.randrange(8) * DAY + dice.randrange(2) for n in range(400)}
    worker.write({name: due_at(due) for name, due in dues.items()})
    ordered = sorted((due, name) for name, due in dues.items())
    for until in (NOON - 1, NOON, NOON + 1, NOON + 3 * DAY, NOON + 9 * DAY):
        eligible = [entry for entry in ordered if entry[0] <= until]
        for limit in (1, 2, 7, 50, 51, 52, 53, 399, 400, 500):
            assert worker.load(until=until, limit=limit).due == eligible[:limit]


def test_a_timer_moves_with_its_customer(keeper: Keeper) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON), "b": due_at(NOON)})
    for due in (NOON + 1, NOON + 40 * DAY, NOON - 40 * DAY, NOON - 41 * DAY + 3):
        worker.write({"a": due_at(due)})
        assert sorted(keeper.timers(0)) == sorted([(due, "a"), (NOON, "b")])
        assert worker.load(until=due - 1).due == [(NOON, "b")][: due > NOON]
        assert (due, "a") in worker.load(until=due).due


def test_a_timer_is_removed_and_comes_back(keeper: Keeper) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON)})
    worker.write({"a": due_at(None)})
    assert list(keeper.timers(0)) == []
    assert worker.load("a", until=NOON).due == []
    worker.write({"a": due_at(NOON)})
    assert worker.load(until=NOON).due == [(NOON, "a")]


def test_the_earliest_of_a_day_may_leave_while_later_ones_stay(keeper: Keeper) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON), "b": due_at(NOON + 1), "c": due_at(NOON + 2)})
    worker.write({"a": due_at(None)})
    assert worker.load(until=NOON).due == []
    assert worker.load(until=NOON + 1).due == [(NOON + 1, "b")]
    worker.write({"a": due_at(NOON - 1)})
    assert worker.load(until=NOON).due == [(NOON - 1, "a")]


def test_a_state_written_again_leaves_its_timer_where_it_is(keeper: Keeper) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON, 1)})
    worker.write({"a": due_at(NOON, 2)})
    loaded = worker.load(until=NOON)
    assert loaded.due == [(NOON, "a")]
    assert loaded.customers == {"a": due_at(NOON, 2)}


@pytest.mark.parametrize("due", [0, -1, -(10**12), 1, 253_402_300_799_999])
def test_any_time_from_the_past_to_the_year_9999_can_be_due(keeper: Keeper, due: int) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(due)})
    assert worker.load(until=due - 1).due == []
    assert worker.load(until=due).due == [(due, "a")]
    assert list(keeper.timers(0)) == [(due, "a")]
    worker.write({"a": due_at(due + 1)})
    assert list(keeper.timers(0)) == [(due + 1, "a")]
