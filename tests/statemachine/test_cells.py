from typing import Any, get_args, get_type_hints

import pytest

from schemas.events import InterestShown, ProspectRegistered
from schemas.events.accounts import AccountStatus
from schemas.events.base import Role
from schemas.events.transactions import Initiator, PostingStatus
from schemas.examples import type_names
from schemas.outputs import StageChanged
from statemachine.customer import Customer
from statemachine.fold import decide
from statemachine.stages import TRIGGERS
from tests.statemachine import cells, cells_table
from tests.statemachine.builders import CUSTOMER, Life, millis
from tests.statemachine.cells_table import CELLS, CODES, COLUMNS

CONTROL = {"feed.watermark", "policy.activated", "customer.erased"}
TOLD = [given.told for given in cells.INPUTS.values() if given.told is not None]


def type_of(event: Any) -> str:
    return str(event.type)


def played(column: str, label: str) -> tuple[Life, list[StageChanged]]:
    """The customer of a column after an input, and the moves that it is about."""
    given = cells.INPUTS[label]
    life = Life(given.rules, cells.standing(column))
    life.tell(*given.events)
    if given.until is not None:
        life.outputs.clear()
        if life.customer is not None:
            life.passes(given.until)
    return life, life.changes


def expected(column: str, label: str) -> list[tuple[str, str, str | None]]:
    return [CODES[code] for code in CELLS[label, column]]


def told(column: str, label: str) -> list[tuple[str, str, str | None]]:
    """What `played` says of the moves, as the table writes them."""
    return [(move.to_stage, move.kind, move.lost_by) for move in played(column, label)[1]]


@pytest.mark.parametrize("column", COLUMNS)
def test_the_customer_of_a_column_stands_where_the_table_says(column: str) -> None:
    known = cells.standing(column)
    stage, lost_by = cells.STAGES[column]
    assert (known and known.stage, known and known.lost_by) == (stage, lost_by)
    if column in ("sil", "com", "nev"):
        assert known is not None
        assert known.been_active is (column != "nev")
        reasons = {"sil": ["silence"], "com": ["complaint"], "nev": ["not_onboarded"]}
        assert list(known.reasons) == reasons[column]


@pytest.mark.parametrize("label, column", list(CELLS))
def test_the_cell_moves_as_written(label: str, column: str) -> None:
    before = cells.standing(column)
    life, moves = played(column, label)
    assert told(column, label) == expected(column, label)
    after = life.customer
    if moves and after is not None:
        assert (after.stage, after.kind) == (moves[-1].to_stage, moves[-1].kind)
        assert after.lost_by == moves[-1].lost_by
    if cells.INPUTS[label].told is not None and after is not None:
        stands = before or Customer()
        stages = [stands.stage, *(move.to_stage for move in moves)]
        assert [move.sequence for move in moves] == [
            stands.changes + 1 + number for number in range(len(moves))
        ]
        assert [move.from_stage for move in moves] == stages[:-1]
        if not moves:
            assert _place(after) == _place(stands)


def _place(customer: Customer) -> tuple[Any, ...]:
    return customer.stage, customer.since, customer.kind, customer.changes


@pytest.mark.parametrize(
    "label", [label for label, given in cells.INPUTS.items() if given.told is not None]
)
@pytest.mark.parametrize("column", [column for column in COLUMNS if column != "dead"])
def test_a_duplicate_changes_nothing_at_all(column: str, label: str) -> None:
    event = cells.INPUTS[label].told
    assert event is not None
    life = Life(customer=cells.standing(column))
    life.tell(event)
    before = life.now
    again = decide(life.policy, CUSTOMER, before, event, clock=None, record_at=millis(400))
    assert again.note == "duplicate"
    assert again.outputs == ()
    assert again.customer is before


def test_every_input_of_the_table_is_played_and_every_one_played_is_in_the_table() -> None:
    assert set(cells_table.INPUTS) == set(cells.INPUTS)


def test_every_event_type_is_in_the_table() -> None:
    assert {type_of(event) for event in TOLD} == set(type_names()) - CONTROL


@pytest.mark.parametrize(
    "of, field, words",
    [
        ("transaction.posted", "initiator", get_args(Initiator)),
        ("transaction.posted", "status", get_args(PostingStatus)),
        ("transaction.posted", "role", get_args(Role)),
        ("account.opened", "role", get_args(Role)),
        ("account.status-changed", "status", get_args(AccountStatus)),
        ("interest.shown", "kind", get_args(get_type_hints(InterestShown)["kind"])),
        ("prospect.registered", "origin", get_args(get_type_hints(ProspectRegistered)["origin"])),
        ("loan.arrears-changed", "conduct", ("clean", "arrears", "default")),
        ("customer.interacted", "kind", ("login", "branch", "call", "adviser")),
        (
            "customer.status-changed",
            "status",
            ("deceased", "hold", "hold_lifted", "minor", "merged"),
        ),
    ],
)
def test_every_word_that_could_matter_is_in_the_table(
    of: str, field: str, words: tuple[str, ...]
) -> None:
    given = {getattr(event, field) for event in TOLD if type_of(event) == of}
    assert given == set(words)


def test_every_kind_of_move_is_in_the_table() -> None:
    kinds = {CODES[code][1] for codes in CELLS.values() for code in codes}
    assert kinds == {kind for _, kind, _ in CODES.values()}
    assert len(TRIGGERS) == 20
