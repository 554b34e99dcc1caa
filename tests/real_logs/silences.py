"""The silences that Tenure's outputs tell of, read as a subscriber would read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from schemas.outputs import Output, Reason, RiskReasonsChanged
from tests.real_logs.oracle import Loss, Silence, Silences


def silences_in(outputs: Mapping[str, Sequence[Output]], zone: str) -> Silences:
    """Every silence and every loss by silence, in order of customer and date."""
    local = ZoneInfo(zone)
    return Silences(
        sorted(one for name in outputs for one in _silences(name, outputs[name], local)),
        sorted(one for name in outputs for one in _losses(name, outputs[name], local)),
    )


def _silences(customer: str, outputs: Sequence[Output], zone: ZoneInfo) -> Iterator[Silence]:
    due: date | None = None
    for output in outputs:
        if isinstance(output, RiskReasonsChanged):
            raised, cleared = output.raised, output.cleared
            ended_by = "return"
        else:
            raised = output.reasons if output.to_stage == "at_risk" else []
            cleared = output.reasons if output.from_stage == "at_risk" else []
            ended_by = "loss" if output.to_stage == "lost" else "return"
        day = _day(output, zone)
        if _has_silence(raised):
            if due is not None or not _at_midnight(output, zone):
                raise AssertionError(f"{customer}: a silence out of its time: {output}")
            due = day
        if _has_silence(cleared):
            if due is None:
                raise AssertionError(f"{customer}: a silence ends that never began: {output}")
            yield Silence(customer, due, day, ended_by)
            due = None
    if due is not None:
        yield Silence(customer, due, None, "")


def _losses(customer: str, outputs: Sequence[Output], zone: ZoneInfo) -> Iterator[Loss]:
    lost_on: date | None = None
    for output in outputs:
        if isinstance(output, RiskReasonsChanged):
            continue
        if output.lost_by == "silence":
            lost_on = _day(output, zone)
        elif output.kind == "won_back" and lost_on is not None:
            yield Loss(customer, lost_on, _day(output, zone))
            lost_on = None
    if lost_on is not None:
        yield Loss(customer, lost_on, None)


def _has_silence(reasons: Sequence[Reason]) -> bool:
    return any(reason.rule == "silence" for reason in reasons)


def _day(output: Output, zone: ZoneInfo) -> date:
    return _local(output, zone).date()


def _at_midnight(output: Output, zone: ZoneInfo) -> bool:
    return _local(output, zone).time() == time()


def _local(output: Output, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(output.effective_at).astimezone(zone)
