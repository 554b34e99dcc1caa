"""The truth: who really left or was really leaving, since when and why; the feed only hints."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from operate.simulate.almanac import DAY, moment_text
from operate.simulate.script import Absence, Leaning, Script

Line = dict[str, str | None]


def confess(script: Script, start: date, days: int) -> Iterator[Line]:
    """The truth about one customer within the plan: one line per time they left or were leaving.

    `began_at` is when the leaving began: the first money moved, the salary sent elsewhere, the
    complaint not heard, the day from which the habits faded; else it is `left_at`. `left_at` is
    when the last own activity lay behind them (before the plan, for those already gone); null:
    they were leaving and have not left, because they turned back (`how` is `turned_back`) or still
    use the bank at the plan's end (`how` is `leaving`). `returned_at` is their first own act after
    it, or when they turned back; null when there is none within the plan. Whoever is only quiet,
    away for a season, frozen, or moves money within the bank is not in the truth.
    """
    end = days * DAY
    for absence in script.absences:
        if absence.why is not None and absence.leaving_since < end:
            yield _left(script, absence, start, end)
    for leaning in script.leanings:
        if leaning.began < end:
            yield _leaning(script, leaning, start, end)


def _left(script: Script, absence: Absence, start: date, end: int) -> Line:
    gone = absence.at < end
    return {
        "customer_id": script.customer_id,
        "began_at": moment_text(start, absence.leaving_since),
        "left_at": _text(start, absence.at, end),
        "why": absence.why,
        "how": absence.how if gone else "leaving",
        "closed_at": _text(start, absence.closed_at, end),
        "returned_at": _text(start, absence.back, end),
        "died_at": _text(start, script.dies, end),
        "persona": script.persona.name,
    }


def _leaning(script: Script, leaning: Leaning, start: date, end: int) -> Line:
    back = _text(start, leaning.back, end)
    return {
        "customer_id": script.customer_id,
        "began_at": moment_text(start, leaning.began),
        "left_at": None,
        "why": leaning.why,
        "how": "leaving" if back is None else "turned_back",
        "closed_at": None,
        "returned_at": back,
        "died_at": _text(start, script.dies, end),
        "persona": script.persona.name,
    }


def _text(start: date, moment: int | None, end: int) -> str | None:
    return None if moment is None or moment >= end else moment_text(start, moment)
