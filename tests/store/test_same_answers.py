"""Whatever is asked in whatever order, the memory keeper and the Redis keeper say the same."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run

from store.memory_keeper import MemoryKeeper
from store.port import CustomerWrite, Fenced, Keeper, Moved, Position
from store.redis_keeper import open_keeper
from tests.servers import unique
from tests.store.samples import DAY, NOON, record
from tests.store.worker import due_at

PARTITIONS = st.integers(0, 1)
IDS = st.sampled_from(["a", "b", "B", "10", "9", "é", "客户", "", "a b"])
DUES = st.none() | st.sampled_from([NOON, NOON + 1, NOON + DAY, NOON - 30 * DAY, NOON + 90 * DAY])
EXPECTED = st.sampled_from([1, 3_000, 20_000])


class Keepers(RuleBasedStateMachine):
    """Two keepers, asked the same; what a well-behaved owner would know is kept beside."""

    redis_url = ""

    @initialize(expected=EXPECTED)
    def open(self, expected: int) -> None:
        self.redis = open_keeper(self.redis_url, unique("same"), expected_customers=expected)
        self.keepers: tuple[Keeper, Keeper] = (
            MemoryKeeper(expected_customers=expected),
            self.redis,
        )
        self.tokens: dict[int, list[tuple[str, str]]] = {0: [], 1: []}
        self.positions: dict[int, list[Position | None]] = {0: [None], 1: [None]}
        self.timers: dict[int, dict[str, int]] = {0: {}, 1: {}}

    def both(self, ask: Callable[[Keeper, int], Any]) -> Any:
        """What both answer; `ask` gets a keeper and its number, for the tokens."""
        answers = []
        for number, keeper in enumerate(self.keepers):
            try:
                answers.append(ask(keeper, number))
            except (Fenced, Moved) as refusal:
                answers.append((type(refusal), str(refusal)))
        assert answers[0] == answers[1]
        return answers[0]

    def caller(
        self, data: st.DataObject, partition: int
    ) -> tuple[tuple[str, str], Position | None]:
        """Mostly the owner at its position; sometimes somebody who was, or is somewhere else."""
        tokens = self.tokens[partition] or [("none", "none")]
        if data.draw(st.integers(0, 3)):
            return tokens[-1], self.positions[partition][-1]
        at = data.draw(st.sampled_from(self.positions[partition]))
        if at is not None and data.draw(st.booleans()):
            at = Position(at.batch, "of another attempt", {})
        return data.draw(st.sampled_from(tokens)), at

    @rule(partition=PARTITIONS, owner=st.sampled_from(["x", "y"]))
    def take(self, partition: int, owner: str) -> None:
        taken = [keeper.take(partition, owner) for keeper in self.keepers]
        assert taken[0].record == taken[1].record
        assert taken[0].previous_owner == taken[1].previous_owner
        self.tokens[partition].append((taken[0].token, taken[1].token))

    @rule(
        partition=PARTITIONS,
        data=st.data(),
        ids=st.lists(IDS, max_size=5),
        until=DUES,
        limit=st.integers(0, 6),
    )
    def load(
        self, partition: int, data: st.DataObject, ids: list[str], until: int | None, limit: int
    ) -> None:
        tokens, at = self.caller(data, partition)
        self.both(lambda keeper, n: keeper.load(partition, tokens[n], at, ids, until, limit))

    @rule(
        partition=PARTITIONS,
        data=st.data(),
        changes=st.dictionaries(IDS, st.none() | DUES.map(due_at), max_size=6),
        accepted_bad=st.booleans(),
        sent=st.integers(1, 2),
    )
    def write(
        self,
        partition: int,
        data: st.DataObject,
        changes: dict[str, Any],
        accepted_bad: bool,
        sent: int,
    ) -> None:
        tokens, at = self.caller(data, partition)
        timers = self.timers[partition]
        writes = {name: CustomerWrite(new, timers.get(name)) for name, new in changes.items()}
        new = record(at.batch + 1 if at else 1, data.draw(st.sampled_from(["n", "m"])))
        for _ in range(sent):
            outcome = self.both(
                lambda keeper, n: keeper.write(
                    partition, tokens[n], at, new, writes, accepted_bad=accepted_bad
                )
            )
            if outcome == "written":
                self.positions[partition].append(new.position)
                for name, customer in changes.items():
                    timers.pop(name, None)
                    if customer is not None and customer.timer is not None:
                        timers[name] = customer.timer

    @rule(partition=PARTITIONS)
    def accept_bad(self, partition: int) -> None:
        self.both(lambda keeper, _: keeper.accept_bad(partition))

    @rule(partition=PARTITIONS, data=st.data(), page=st.integers(0, 200))
    def page(self, partition: int, data: st.DataObject, page: int) -> None:
        tokens, at = self.caller(data, partition)
        pages = self.both(lambda keeper, _: keeper.pages(partition))
        if isinstance(pages, int):
            self.both(lambda keeper, n: keeper.page(partition, tokens[n], at, page % pages))

    @rule(partitions=st.lists(PARTITIONS, max_size=2))
    def forget(self, partitions: list[int]) -> None:
        self.both(lambda keeper, _: keeper.forget(partitions))
        for partition in partitions:
            self.positions[partition] = [None]
            self.timers[partition] = {}

    @invariant()
    def they_look_the_same(self) -> None:
        for partition in (0, 1):
            self.looks_the_same(partition)

    def looks_the_same(self, partition: int) -> None:
        self.both(lambda keeper, _: keeper.look(partition))
        self.both(lambda keeper, _: dict(keeper.everybody(partition)))
        timers = self.both(lambda keeper, _: sorted(keeper.timers(partition)))
        assert timers == sorted((due, who) for who, due in self.timers[partition].items())

    def teardown(self) -> None:
        with closing(self.redis):
            self.redis.forget([0, 1])


@pytest.mark.timeout(300)
def test_the_keepers_give_the_same_answers_to_any_sequence_of_calls(redis_url: str) -> None:
    class Connected(Keepers):
        pass

    Connected.redis_url = redis_url
    run(Connected, settings=settings(max_examples=40, stateful_step_count=30, deadline=None))
