"""What is compared: every reason of every customer, as the product published it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.outputs import Output, RiskReasonsChanged, StageChanged

PRESENT = ("new", "active", "at_risk")
"""The stages in which the rules apply."""


class Reason(NamedTuple):
    """One reason: raised and cleared in bank time; None while it stands."""

    customer: str
    rule: str
    raised_at: datetime
    cleared_at: datetime | None


class StageChange(NamedTuple):
    """One published change of stage, for the SQL to know when the rules apply."""

    customer: str
    n: int
    at: datetime
    from_stage: str | None
    to_stage: str
    kind: str


def reasons_in(outputs: Sequence[Output], zone: ZoneInfo) -> list[Reason]:
    """The reasons of one customer. A reason ends at the latest when the customer leaves.

    Whoever is lost by what the core then takes back has never left: what stood open goes on.
    """
    done: list[Reason] = []
    open_since: dict[str, datetime] = {}
    for output in outputs:
        at = bank_time(output.effective_at, zone)
        if _is_restored(output):
            assert isinstance(output, StageChanged)
            for told in output.reasons:
                since = bank_time(told.since, zone)
                done = [one for one in done if one[1:3] != (told.rule, since)]
                open_since[told.rule] = since
            continue
        for rule in _cleared(output, open_since):
            done.append(Reason(output.customer_id, rule, open_since.pop(rule), at))
        for rule in _raised(output):
            if rule in open_since:
                raise AssertionError(f"{output.customer_id}: {rule} is raised twice: {output}")
            open_since[rule] = at
    still = [Reason(outputs[0].customer_id, rule, at, None) for rule, at in open_since.items()]
    return done + still


def stage_changes_in(outputs: Iterable[Output], zone: ZoneInfo) -> Iterator[StageChange]:
    """The changes of stage of one customer, in their order."""
    for output in outputs:
        if isinstance(output, StageChanged):
            yield StageChange(
                output.customer_id,
                output.sequence,
                bank_time(output.effective_at, zone),
                output.from_stage,
                output.to_stage,
                output.kind,
            )


def bank_time(text: str, zone: ZoneInfo) -> datetime:
    """An instant as the clocks of the bank show it, without its offset, as SQL has it."""
    return datetime.fromisoformat(text).astimezone(zone).replace(tzinfo=None)


def _raised(output: Output) -> list[str]:
    if isinstance(output, RiskReasonsChanged):
        return [one.rule for one in output.raised]
    return [one.rule for one in output.reasons] if output.to_stage == "at_risk" else []


def _cleared(output: Output, open_since: Iterable[str]) -> list[str]:
    if isinstance(output, RiskReasonsChanged):
        return [one.rule for one in output.cleared]
    if output.from_stage == "at_risk" and output.to_stage in ("active", "new"):
        return [one.rule for one in output.reasons]
    return [] if output.to_stage in PRESENT else list(open_since)


def _is_restored(output: Output) -> bool:
    if isinstance(output, RiskReasonsChanged):
        return False
    return output.kind == "corrected" and output.from_stage == "lost"
