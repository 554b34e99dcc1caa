import dataclasses
from collections.abc import Mapping

import msgspec
import pytest

from statemachine.customer import Attribute, Customer
from store.port import CustomerWrite, Keeper, PartitionRecord
from tests.store.conftest import OpensKeepers
from tests.store.samples import FULL, NOON, TYPICAL, record
from tests.store.worker import Worker, due_at


def test_a_partition_never_taken_has_no_owner_record_or_customers(keeper: Keeper) -> None:
    assert keeper.look(0) == (None, None)
    assert keeper.find(0, "a") is None
    assert list(keeper.everybody(0)) == []
    assert list(keeper.timers(0)) == []


def test_the_first_owner_finds_nothing(keeper: Keeper) -> None:
    taken = keeper.take(0, "worker-1")
    assert taken.record is None
    assert taken.previous_owner is None
    assert keeper.look(0) == ("worker-1", None)


def test_customers_not_stored_are_absent(keeper: Keeper) -> None:
    loaded = Worker(keeper).load("a", "b")
    assert loaded.customers == {}
    assert loaded.due == []
    assert not loaded.accepted_bad


def test_what_is_written_is_loaded(keeper: Keeper) -> None:
    worker = Worker(keeper)
    people: Mapping[str, Customer] = {"a": TYPICAL, "客户 1": FULL, "": due_at(None)}
    assert worker.write(people) == "written"
    assert worker.load("a", "客户 1", "", "unknown").customers == people
    assert worker.load("a").customers == {"a": TYPICAL}
    assert dict(keeper.everybody(0)) == people
    assert keeper.find(0, "客户 1") == FULL
    assert keeper.find(0, "unknown") is None


def test_a_customer_named_twice_is_loaded_once(keeper: Keeper) -> None:
    worker = Worker(keeper)
    worker.write({"a": TYPICAL})
    assert worker.load("a", "b", "a").customers == {"a": TYPICAL}


def test_the_record_is_kept_and_given_to_the_next_owner(keeper: Keeper) -> None:
    worker = Worker(keeper, name="first")
    last = PartitionRecord(
        position=record(1).position,
        clock=None,
        journal_offset=5,
        policy_digest="abc",
        fold_version=2,
        partition_count=12,
        partitioner="crc32",
        watermarks={"tenure.accounts": NOON},
        highest=NOON,
        bad_window=bytes(125),
        held=True,
        stages={"active": 3},
        recompute_page=4,
    )
    keeper.write(0, worker.token, None, last, {})
    taken = keeper.take(0, "second")
    assert taken.record == last
    assert taken.previous_owner == "first"
    assert taken.token != worker.token
    assert keeper.look(0) == ("second", last)


def test_a_later_write_replaces_state_and_record(keeper: Keeper) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(None, 1), "b": due_at(None, 1)})
    worker.write({"a": due_at(None, 2)})
    assert worker.load("a", "b").customers == {"a": due_at(None, 2), "b": due_at(None, 1)}
    _, last = keeper.look(0)
    assert last == record(2)


def test_an_erased_customer_is_gone_with_its_timer(keeper: Keeper) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON), "b": due_at(NOON)})
    worker.write({"a": None, "never was": None})
    loaded = worker.load("a", "b", until=NOON)
    assert loaded.customers == {"b": due_at(NOON)}
    assert loaded.due == [(NOON, "b")]
    assert list(keeper.timers(0)) == [(NOON, "b")]


def test_partitions_know_nothing_of_each_other(keeper: Keeper) -> None:
    first, second = Worker(keeper, 1), Worker(keeper, 2)
    first.write({"a": due_at(NOON)})
    assert second.load("a", until=NOON).customers == {}
    second.write({"a": due_at(NOON + 1, 2)})
    assert first.load("a").customers == {"a": due_at(NOON)}
    keeper.forget([1])
    assert keeper.look(1) == (None, None)
    assert second.load("a").customers == {"a": due_at(NOON + 1, 2)}


def test_nothing_that_a_caller_holds_is_what_the_keeper_holds(keeper: Keeper) -> None:
    worker = Worker(keeper)
    attributes = {"risk_appetite": Attribute("C3", NOON)}
    offsets = {"tenure.accounts": 10}
    mutable = dataclasses.replace(record(1), watermarks=offsets)
    person = msgspec.structs.replace(TYPICAL, attributes=attributes)
    keeper.write(0, worker.token, None, mutable, {"a": CustomerWrite(person, None)})
    attributes["risk_appetite"] = Attribute("C5", NOON)
    offsets["tenure.accounts"] = 99
    found = keeper.find(0, "a")
    assert found is not None
    assert found.attributes == {"risk_appetite": Attribute("C3", NOON)}
    found.attributes["risk_appetite"] = Attribute("C1", NOON)
    again = keeper.find(0, "a")
    assert again is not None
    assert again.attributes == {"risk_appetite": Attribute("C3", NOON)}
    _, last = keeper.look(0)
    assert last is not None
    assert last.watermarks == {"tenure.accounts": 10}


def test_two_thousand_customers_make_one_batch(open_keepers: OpensKeepers) -> None:
    """More than one bucket, one argument list and one page of a scan hold."""
    worker = Worker(open_keepers(expected_customers=2_000))
    people = {f"C{number}": due_at(NOON + number % 7, number) for number in range(9_001)}
    worker.write(people)
    loaded = worker.load(*people, until=NOON + 3, limit=9_001)
    assert loaded.customers == people
    due = sorted((customer.timer or 0, name) for name, customer in people.items())
    assert loaded.due == [entry for entry in due if entry[0] <= NOON + 3]
    assert dict(worker.keeper.everybody(0)) == people
    worker.write(dict.fromkeys(people))
    assert list(worker.keeper.everybody(0)) == []
    assert list(worker.keeper.timers(0)) == []


def test_every_customer_is_on_exactly_one_page(open_keepers: OpensKeepers) -> None:
    keeper = open_keepers(expected_customers=5_000)
    worker = Worker(keeper)
    people = {f"C{number}": due_at(None, number) for number in range(100)}
    worker.write(people)
    pages = [keeper.page(0, worker.token, worker.at, page) for page in range(keeper.pages(0))]
    assert len(pages) == 8
    assert sum(len(page) for page in pages) == len(people)
    assert {name: customer for page in pages for name, customer in page.items()} == people
    assert max(len(page) for page in pages) < len(people)


def test_an_operators_acceptance_stays_until_a_write_uses_it_up(keeper: Keeper) -> None:
    worker = Worker(keeper)
    keeper.accept_bad(0)
    assert worker.load().accepted_bad
    worker.write()
    assert worker.load().accepted_bad
    worker.write(accepted_bad=True)
    assert not worker.load().accepted_bad


def test_an_acceptance_may_come_before_the_first_owner(keeper: Keeper) -> None:
    keeper.accept_bad(0)
    assert keeper.look(0) == (None, None)
    assert Worker(keeper).load().accepted_bad


def test_a_partition_forgotten_begins_again(keeper: Keeper) -> None:
    worker = Worker(keeper)
    worker.write({"a": due_at(NOON)})
    keeper.accept_bad(0)
    keeper.forget([0, 1])
    assert keeper.look(0) == (None, None)
    again = Worker(keeper)
    assert again.previous_owner is None
    assert again.at is None
    assert again.load("a", until=NOON).customers == {}
    assert not again.load().accepted_bad
    assert again.write({"a": due_at(NOON)}) == "written"


@pytest.mark.parametrize("batch", [1, 3, 0])
def test_a_batch_that_does_not_follow_is_the_callers_mistake(keeper: Keeper, batch: int) -> None:
    worker = Worker(keeper)
    worker.write()
    with pytest.raises(ValueError, match="the batch after"):
        keeper.write(0, worker.token, worker.at, record(batch), {})
