"""The move table in both languages: how customers come to a stage, and how they leave it."""

from __future__ import annotations

from operate.pages.page import Page
from schemas.outputs import Stage
from statemachine.docs import TRIGGER_WORDS
from statemachine.stages import MOVES, Move


def ways_in(page: Page, stage: Stage) -> str:
    """Every move to a stage from another."""
    sources: dict[tuple[str, str], list[str]] = {}
    for move in MOVES:
        if move.target == stage and move.source != stage:
            what = (_when(page, move), page.word("kinds", move.kind))
            sources.setdefault(what, []).append(_source(page, move))
    comma = page.word("values", "comma")
    rows = [(comma.join(found), *what) for what, found in sources.items()]
    return page.table(("from", "when", "kind"), rows)


def ways_out(page: Page, stage: Stage) -> str:
    """Every move from a stage to another."""
    rows = [
        (_asked(page, move), _target(page, move), page.word("kinds", move.kind))
        for move in MOVES
        if move.source == stage and move.target != stage
    ]
    return page.table(("when", "to", "kind"), rows)


def _source(page: Page, move: Move) -> str:
    return _with(page, page.stage(move.source), _guard(page, move))


def _asked(page: Page, move: Move) -> str:
    guard, when = _guard(page, move), _when(page, move)
    return page.word("ways", "asked").format(guard, when) if guard else when


def _target(page: Page, move: Move) -> str:
    way = "" if move.loses_by is None else page.word("ways", move.loses_by)
    return _with(page, page.stage(move.target), way)


def _guard(page: Page, move: Move) -> str:
    """What the row asks of the customer."""
    if move.if_lost_by is not None:
        ways = [page.word("ways", way) for way in move.if_lost_by]
        return page.word("ways", "or").join(ways)
    if move.if_been_active is not None:
        return page.word("ways", "been_active" if move.if_been_active else "never_active")
    return ""


def _when(page: Page, move: Move) -> str:
    if page.language == "en":
        return TRIGGER_WORDS[move.trigger]
    return page.word("triggers", move.trigger)


def _with(page: Page, name: str, more: str) -> str:
    return page.word("ways", "with").format(name, more) if more else name
