"""The product's one table of moves against the one written out by hand."""

import itertools
from collections.abc import Iterator
from typing import get_args

import pytest

from schemas.base import to_millis
from schemas.events.base import Role
from schemas.events.transactions import Initiator, PostingStatus
from schemas.outputs import LostBy, Stage
from statemachine import fold
from statemachine.stages import MOVES, TRIGGERS, Move, StageMachine, Trigger
from tests.statemachine import cells
from tests.statemachine.builders import (
    DEFAULT,
    account,
    opened,
    posted,
    registered,
    snapshot,
    used,
)
from tests.statemachine.cells import NOW
from tests.statemachine.expected import EXPECTED, Row, expected_move


def as_row(move: Move) -> tuple[object, ...]:
    guard = None if move.if_lost_by is None else frozenset(move.if_lost_by)
    return (
        *(move.source, move.trigger, move.target, move.kind, move.loses_by),
        *(guard, move.if_been_active),
    )


def by_hand(row: Row) -> tuple[object, ...]:
    return (
        *(row.source, row.trigger, row.target, row.kind, row.way),
        *(row.lost_by, row.active),
    )


def every_question() -> Iterator[tuple[Stage | None, Trigger, LostBy | None, bool]]:
    stages: tuple[Stage | None, ...] = (None, *get_args(Stage))
    ways: tuple[LostBy | None, ...] = (None, *get_args(LostBy))
    yield from itertools.product(stages, TRIGGERS, ways, (False, True))


def wrong_answers(machine: StageMachine) -> Iterator[str]:
    """Where a machine moves otherwise than the table written by hand."""
    for stage, trigger, lost_by, been_active in every_question():
        move = machine.move(stage, trigger, lost_by=lost_by, been_active=been_active)
        row = expected_move(stage, trigger, lost_by, been_active=been_active)
        got = None if move is None else (move.target, move.kind, move.loses_by)
        wanted = None if row is None else (row.target, row.kind, row.way)
        if got != wanted:
            yield f"{stage} {trigger} {lost_by} {been_active}: {got}, expected {wanted}"


def test_the_product_s_table_is_the_one_written_by_hand_row_by_row() -> None:
    product = {as_row(move) for move in MOVES}
    hand = {by_hand(row) for row in EXPECTED}
    assert product - hand == set()
    assert hand - product == set()
    assert len(MOVES) == len(EXPECTED) == len(hand)


def test_the_machine_answers_every_question_as_the_table_written_by_hand() -> None:
    assert list(wrong_answers(StageMachine())) == []


def ambiguous(moves: tuple[Move, ...]) -> list[str]:
    """Where two rows answer one question, so that their order would decide."""
    return [
        f"{stage} {trigger} {lost_by} {been_active}"
        for stage, trigger, lost_by, been_active in every_question()
        if sum(
            (move.source, move.trigger) == (stage, trigger)
            and (move.if_lost_by is None or lost_by in move.if_lost_by)
            and move.if_been_active in (None, been_active)
            for move in moves
        )
        > 1
    ]


def test_no_two_rows_answer_one_question() -> None:
    assert ambiguous(MOVES) == []


def test_nothing_but_the_table_moves_the_machine() -> None:
    asked = {(row.source, row.trigger) for row in EXPECTED}
    machine = StageMachine()
    for stage, trigger, lost_by, been_active in every_question():
        if (stage, trigger) not in asked:
            assert machine.move(stage, trigger, lost_by=lost_by, been_active=been_active) is None


def test_the_dead_go_nowhere() -> None:
    machine = StageMachine()
    for trigger in TRIGGERS:
        for been_active in (False, True):
            assert (
                machine.move("lost", trigger, lost_by="deceased", been_active=been_active) is None
            )


# What of an event counts: the columns initiator, role and status.


def moved(column: str, *events: object) -> bool:
    """Whether any of the events moves the customer of a column."""
    customer = cells.standing(column)
    for event in events:
        at = to_millis(event.occurred_at)  # type: ignore[attr-defined]
        decided = fold.decide(
            DEFAULT,
            "cust-1",
            customer,
            event,  # type: ignore[arg-type]
            clock=None,
            record_at=at,
        )
        if decided.outputs and decided.customer.changes > (customer.changes if customer else 0):
            return True
        customer = decided.customer
    return False


ACTIVATES = {("new", None): "new", ("at_risk", False): "nev", ("lost", None): "sln"}


@pytest.mark.parametrize("initiator", get_args(Initiator))
@pytest.mark.parametrize(
    "row", [row for row in EXPECTED if row.initiator], ids=lambda row: f"{row.source} {row.kind}"
)
def test_only_the_initiator_of_the_table_activates_recovers_or_wins_back(
    row: Row, initiator: str
) -> None:
    column = "sil" if row.active else ACTIVATES[row.source or "", row.active]
    assert moved(column, posted(NOW, initiator)) is (initiator == row.initiator)


@pytest.mark.parametrize("status", get_args(PostingStatus))
@pytest.mark.parametrize(
    "row", [row for row in EXPECTED if row.initiator], ids=lambda row: f"{row.source} {row.kind}"
)
def test_only_a_posting_of_the_table_s_status_counts(row: Row, status: str) -> None:
    column = "sil" if row.active else ACTIVATES[row.source or "", row.active]
    assert moved(column, used(NOW, status=status)) is (status == row.status)


OPENS = {
    (None, None): "none",
    ("potential", None): "pot",
    ("lost", frozenset({"closure", "silence"})): "clo",
    ("lost", frozenset({"expired"})): "exp",
}
ENDS = {"new": "new", "active": "act", "at_risk": "com"}


@pytest.mark.parametrize("role", get_args(Role))
@pytest.mark.parametrize(
    "row", [row for row in EXPECTED if row.role], ids=lambda row: f"{row.source} {row.trigger}"
)
def test_only_an_owner_s_account_moves_anybody(row: Row, role: str) -> None:
    owns = role in ("owner", "joint")
    if row.trigger == "relationship_opened":
        column = OPENS[row.source, row.lost_by]
        assert moved(column, opened(NOW, "a7", role=role)) is owns
    elif row.trigger == "relationships_ended":
        assert moved(ENDS[row.source or ""], account("closed", NOW, role=role)) is owns
    elif row.trigger == "activation_met":
        column = ACTIVATES[row.source or "", row.active]
        assert moved(column, used(NOW, role=role)) is owns
    elif row.trigger == "reasons_cleared":
        assert moved("sil", used(NOW, role=role)) is owns
    else:
        status = "closed" if row.status == "closed" else "active"
        assert moved("none", snapshot(NOW, role=role, status=status)) is owns


def test_a_prospect_has_no_account_and_so_no_role() -> None:
    assert all(row.role is None for row in EXPECTED if row.trigger == "interest_shown")
    assert moved("none", registered(NOW))
