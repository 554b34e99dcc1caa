"""A small bank that lives the same days whatever happens to its worker: one batch a day.

bank = Bank()
bank.live(1, 5)
bank.keep(bank.kept[3])  # the store loses two batches
assert bank.restart() == ("re-executed", 2)
bank.live(6, LAST)
bank.assert_undisturbed()
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from consumer.memory_log import MemorySource
from consumer.ports import Committed
from consumer.worker import Worker
from schemas.base import rfc3339
from statemachine.customer import Customer
from statemachine.policy import Policy
from statemachine.policy_file import default_policy
from store.memory_keeper import MemoryKeeper
from store.port import PartitionRecord
from tests.laws.logs import BEGIN, DAY
from tests.laws.rig import ACCOUNTS, TRANSACTIONS, Rig, Silent, watermark

POLICY = default_policy()
LAST = 9
_AT = (0, 1, 2, 3, 4, 5, 100, 101, 102, 500)
"""When each of the days is: between 5 and 6 the bank is silent for three months."""
_HOUR = 3_600_000
_QUIET = ("boris", 7)

Remembered = tuple[PartitionRecord | None, dict[str, Customer], dict[str, int]]


class Told(Silent):
    """Keeps what the worker says of recovered partitions."""

    def __init__(self) -> None:
        self.recovered: list[tuple[str, int]] = []

    def info(self, event: str, **fields: object) -> None:
        if event == "partition recovered":
            self.recovered.append((str(fields["how"]), int(str(fields["batches"]))))


class Crash(BaseException):
    """The process is gone."""


def failing(call: Callable[..., Any], fail: Exception | Crash, *, after: int = 0) -> Any:
    """The call, that fails once it has worked `after` times."""
    left = [after]

    def fails(*given: Any, **named: Any) -> Any:
        if not left[0]:
            raise fail
        left[0] -= 1
        return call(*given, **named)

    return fails


class Bank:
    """One deployment, its worker w1, and the store as it was after every day."""

    def __init__(self, *, policy: Policy = POLICY, partitions: int = 1, customers: int = 1) -> None:
        self.rig = Rig(policy, partitions)
        self.rig.keeper = MemoryKeeper(expected_customers=customers)
        self.kept: dict[int, MemoryKeeper] = {}
        self.restart()

    @property
    def worker(self) -> Worker:
        return self.rig.workers["w1"]

    def live(self, first: int, last: int) -> None:
        """Days pass, each told of and consumed before the next."""
        for day in range(first, last + 1):
            self.kept[day - 1] = deepcopy(self.rig.keeper)
            self.tell(day)
            self.rig.drain()
        self.kept[last] = deepcopy(self.rig.keeper)

    def tell(self, day: int) -> None:
        """What the feeds tell of one day."""
        for event, timestamp in _day(day):
            self.rig.feed(event, timestamp)
        if day == 4:
            self.rig.log.append(ACCOUNTS, 0, b"anna", b"no event", _noon(day))
        if day == 8:
            erased = json.dumps(_told("customer.erased", "chen", day)).encode()
            for partition in range(self.rig.partitions):
                self.rig.log.append(ACCOUNTS, partition, None, erased, _noon(day))

    def keep(self, keeper: MemoryKeeper) -> None:
        """The store is another one from now on; a worker sees it when it is restarted."""
        self.rig.keeper = deepcopy(keeper)

    def commit_is(self, day: int) -> None:
        """Kafka's committed offsets are those after a day; the journal stays as it is."""
        journal = self.rig.log.journals[0][day - 1]
        self.rig.log.committed[0] = Committed(
            dict(journal.to_offsets), journal.batch, journal.nonce, journal.worker_id
        )

    def start(self, **options: Any) -> Told:
        """The worker, after a crash or a stop, under these options; it has not done a step."""
        told = Told()
        self.rig.options = options
        self.rig.start().ports.reporter._log = told
        return told

    def restart(self, **options: Any) -> list[tuple[str, int]]:
        """Start the worker and let it recover: how it did, and by how many batches."""
        told = self.start(**options)
        self.worker.step(0.0)
        assert len(told.recovered) == self.rig.partitions
        return told.recovered

    def remembered(self, partition: int = 0) -> Remembered:
        """Everything that the store remembers of a partition, its owner apart."""
        return _remembered(self.rig.keeper, partition)

    def remembered_on(self, day: int) -> Remembered:
        """What it remembered after a day."""
        return _remembered(self.kept[day], 0)

    def is_held(self) -> bool:
        """Whether the worker holds the first partition."""
        return self.worker.partitions[0].hold.held

    def said(self) -> tuple[object, object, object]:
        """Everything that Kafka holds of the worker's."""
        log = self.rig.log
        return list(log.published), deepcopy(log.journals), dict(log.committed)

    def assert_undisturbed(self) -> None:
        """What was said and is remembered is what an undisturbed bank has, and nothing twice."""
        calm = undisturbed(self.rig.partitions)
        assert self.rig.log.published == calm.rig.log.published
        ids = Counter(
            json.loads(record.value)["id"]
            for record in self.rig.log.published
            if record.topic == "tenure.stage-changes" and record.value is not None
        )
        assert set(ids.values()) == {1}
        for number in range(self.rig.partitions):
            assert _nameless(self.remembered(number)) == _nameless(calm.remembered(number))
            journal, of_calm = self.rig.log.journals[number], calm.rig.log.journals[number]
            drawn = {"nonce": "", "store": ""}
            assert [record.model_copy(update=drawn) for record in journal] == [
                record.model_copy(update=drawn) for record in of_calm
            ]
            record, committed = self.remembered(number)[0], self.rig.log.committed[number]
            assert record is not None
            assert (committed.batch, committed.nonce, committed.offsets) == (
                record.position.batch,
                record.position.nonce,
                record.position.offsets,
            )


@cache
def undisturbed(partitions: int = 1) -> Bank:
    """A bank to which nothing happened; to be looked at only."""
    bank = Bank(partitions=partitions)
    bank.live(1, LAST)
    return bank


def begins_at(monkeypatch: pytest.MonkeyPatch, offsets: dict[str, int]) -> None:
    """Retention took what lies before these offsets."""
    monkeypatch.setattr(MemorySource, "begins", lambda source, partition: dict(offsets))


def _remembered(keeper: MemoryKeeper, partition: int) -> Remembered:
    timers = {name: due for due, name in keeper.timers(partition)}
    record = keeper.look(partition)[1]
    if record is not None:
        # Which other store's place it took is no part of what it is like now.
        record = replace(record, adopted_through=0)
    return record, dict(keeper.everybody(partition)), timers


def _nameless(remembered: Remembered) -> Remembered:
    """Without the nonce, which is drawn."""
    record, states, timers = remembered
    assert record is not None
    return replace(record, position=replace(record.position, nonce="")), states, timers


def _day(day: int) -> list[tuple[dict[str, Any], int]]:
    """(event, record timestamp) of a day."""
    told: list[dict[str, Any]] = []
    if day == 1:
        told += [_opened(name, day) for name in ("anna", "boris", "chen", "dora")]
    if day in {2, 3, 4, 5, 7}:
        told += [_posted(name, day) for name in ("anna", "boris", "dora") if (name, day) != _QUIET]
    if day == 5:
        told.append(_told("feedback.received", "anna", day, feedback_id="f1", kind="complaint"))
        told.append(_posted("boris", 4))  # again
        told.append(_posted("dora", 1))  # late
    if day in {6, LAST}:
        told += [watermark(topic, _noon(day)) for topic in (ACCOUNTS, TRANSACTIONS)]
    return [(event, _noon(day) + place) for place, event in enumerate(told)]


def _noon(day: int) -> int:
    return BEGIN + _AT[day] * DAY + 12 * _HOUR


def _told(type_name: str, name: str, day: int, **fields: object) -> dict[str, Any]:
    return {
        "type": type_name,
        "schema_version": 1,
        "source": "core",
        "event_id": f"{type_name}-{name}-{day}",
        "occurred_at": rfc3339(_noon(day) - 2 * _HOUR),
        "customer_id": name,
        **fields,
    }


def _opened(name: str, day: int) -> dict[str, Any]:
    account = {"account_ref": f"a-{name}", "role": "owner", "product_type": "current_account"}
    return _told("account.opened", name, day, **account)


def _posted(name: str, day: int) -> dict[str, Any]:
    posting = {
        "account_ref": f"a-{name}",
        "role": "owner",
        "posting_id": f"p-{name}-{day}",
        "initiator": "customer",
        "direction": "debit",
        "amount": "10.00",
        "currency": "CNY",
    }
    return _told("transaction.posted", name, day, **posting)
