"""Proof that the tests of the move table watch it: whatever is changed in one row, they notice.

A mutant is the product's table with one field of one row changed, or one row missing. Each must
be noticed twice: by the machine's answers against the table written by hand, and, if any customer
of the cells ever asks what it answers differently, by the cells through the real decide().
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, get_args

import pytest

from schemas.outputs import Kind, LostBy, Stage
from statemachine import case
from statemachine.stages import MOVES, TRIGGERS, Move, StageMachine
from tests.statemachine.cells_table import CELLS
from tests.statemachine.expected import EXPECTED, expected_move
from tests.statemachine.test_cells import expected, told
from tests.statemachine.test_move_table import ambiguous, as_row, by_hand, every_question

Question = tuple[Stage | None, str, LostBy | None, bool]
WAYS = get_args(LostBy)
ALWAYS_NOTICED = ("missing", "target", "kind", "loses_by")


@dataclass(frozen=True)
class Mutant:
    """One change of one row."""

    row: int
    field: str
    moves: tuple[Move, ...]

    def __str__(self) -> str:
        return f"{MOVES[self.row]} with another {self.field}"


def guards(now: tuple[LostBy, ...] | None) -> Iterator[tuple[LostBy, ...] | None]:
    """Another guard on the way of being lost: none, one way alone, one more or one less."""
    yield None
    for way in WAYS:
        yield (way,)
        yield tuple(other for other in WAYS if (other in (now or ())) != (other == way))


def changed(move: Move) -> Iterator[tuple[str, Any]]:
    """Every other value of every field."""
    stages = get_args(Stage)
    yield from (("source", stage) for stage in (None, *stages))
    yield from (("trigger", trigger) for trigger in TRIGGERS)
    yield from (("target", stage) for stage in stages)
    yield from (("kind", kind) for kind in get_args(Kind))
    yield from (("loses_by", way) for way in (None, *WAYS))
    yield from (("if_lost_by", guard) for guard in dict.fromkeys(guards(move.if_lost_by)))
    yield from (("if_been_active", guard) for guard in (None, True, False))


def mutants() -> Iterator[Mutant]:
    for row, move in enumerate(MOVES):
        yield Mutant(row, "missing", MOVES[:row] + MOVES[row + 1 :])
        for field, value in changed(move):
            if value != getattr(move, field):
                other = replace(move, **{field: value})
                yield Mutant(row, field, (*MOVES[:row], other, *MOVES[row + 1 :]))


class Listening(StageMachine):
    """The real machine, and what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[Question] = set()

    def move(self, stage: Any, trigger: Any, **guarded: Any) -> Move | None:
        self.asked.add((stage, trigger, guarded["lost_by"], guarded["been_active"]))
        return super().move(stage, trigger, **guarded)


@cache
def asked_by_cells() -> dict[tuple[str, str], frozenset[Question]]:
    """(input, column) -> what the fold asks the machine there."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        for label, column in CELLS:
            machine = Listening()
            patch.setattr(case, "MACHINE", machine)
            told(column, label)
            found[label, column] = frozenset(machine.asked)
    return found


def answers_otherwise(machine: StageMachine) -> set[Question]:
    found: set[Question] = set()
    for stage, trigger, lost_by, been_active in every_question():
        move = machine.move(stage, trigger, lost_by=lost_by, been_active=been_active)
        row = expected_move(stage, trigger, lost_by, been_active=been_active)
        got = None if move is None else (move.target, move.kind, move.loses_by)
        if got != (None if row is None else (row.target, row.kind, row.way)):
            found.add((stage, trigger, lost_by, been_active))
    return found


def noticed_by_a_cell(machine: StageMachine, patch: pytest.MonkeyPatch) -> bool:
    """Whether any cell that asks what the mutant answers otherwise moves otherwise."""
    other = answers_otherwise(machine)
    patch.setattr(case, "MACHINE", machine)
    return any(
        moves_otherwise(label, column)
        for (label, column), asked in asked_by_cells().items()
        if asked & other
    )


def moves_otherwise(label: str, column: str) -> bool:
    try:
        return told(column, label) != expected(column, label)
    except (AssertionError, LookupError, TypeError, ValueError):
        return True  # with a table that makes no sense the fold stops, loudly


@pytest.mark.slow
def test_every_mutant_of_every_row_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    every_asked = frozenset().union(*asked_by_cells().values())
    made: Counter[str] = Counter()
    by_cells: Counter[str] = Counter()
    for mutant in mutants():
        machine = StageMachine(mutant.moves)
        other = answers_otherwise(machine)
        noticed = bool(other) or bool(ambiguous(mutant.moves))
        assert noticed, f"the table written by hand does not notice: {mutant}"
        assert {as_row(move) for move in mutant.moves} != {by_hand(row) for row in EXPECTED}
        seen = noticed_by_a_cell(machine, monkeypatch)
        made[mutant.field] += 1
        by_cells[mutant.field] += seen
        if mutant.field in ALWAYS_NOTICED or other & every_asked:
            assert seen, f"no cell notices: {mutant}"
    print(f"{made.total()} mutants, all noticed; by cells through decide(): {by_cells.total()}")
    print({field: f"{by_cells[field]} of {made[field]}" for field in made})
    assert made.total() > 1000
    assert all(by_cells[field] == made[field] for field in ALWAYS_NOTICED)


def test_every_row_of_the_table_is_taken_by_some_cell() -> None:
    taken = set()
    for stage, trigger, lost_by, been_active in frozenset().union(*asked_by_cells().values()):
        row = expected_move(stage, trigger, lost_by, been_active=been_active)
        if row is not None:
            taken.add(row)
    assert taken == set(EXPECTED)
