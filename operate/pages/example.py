"""The examples: a small life, really folded, and told row by row."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from operate.pages.settings import in_words
from operate.pages.texts import Happening, Language, Step, TextMissing, happenings, words
from schemas.base import to_millis
from schemas.events import EVENTS, CustomerEvent
from schemas.outputs import Output, StageChanged
from statemachine.calendar import day_number
from statemachine.customer import Customer
from statemachine.fold import Decided, decide, sweep
from statemachine.policy import Policy

DAY_ZERO: Final = date(2025, 1, 1)
_CUSTOMER: Final = "customer-1"
_FEW: Final = 3


@dataclass(slots=True)
class Row:
    """What happened on some days, and what was told then. Without a step, time passed."""

    step: Step | None
    days: list[int]
    told: list[Output] = field(default_factory=list)


def play(policy: Policy, timeline: tuple[Step, ...]) -> list[Row]:
    """The life that `timeline` tells, under `policy`."""
    rows: list[Row] = []
    customer: Customer | None = None
    number = 0
    for step in timeline:
        for day in step.days:
            number += 1
            decided = _next(policy, customer, step, day, number)
            customer = decided.customer
            rows += _rows(policy, step, day, decided.outputs)
    return list(_together(rows))


def happened(language: Language, step: Step | None) -> str:
    """A step in words."""
    if step is None or step.what is None:
        return words().of(language, "values", "time_passes")
    one = _happening(step)
    shown = {name: _field(language, name, value) for name, value in _fields(one, step).items()}
    return one.of(language).format_map(shown)


def when(row: Row) -> tuple[str, str]:
    """The days of a row, and their dates."""
    if len(row.days) <= _FEW:
        return ", ".join(map(str, row.days)), ", ".join(_date(day) for day in row.days)
    first, second, *_, last = row.days
    return f"{first}, {second}, … {last}", f"{_date(first)} … {_date(last)}"


def translated(why: str, sentences: Mapping[str, str]) -> str:
    """A published sentence in Chinese. Raises TextMissing."""
    parts = (_translated(one, sentences) for one in why.split("; "))
    return words().of("zh", "values", "semicolon").join(parts)


def _translated(why: str, sentences: Mapping[str, str]) -> str:
    for english, chinese in sentences.items():
        pattern = "(.+)".join(re.escape(part) for part in english.split("{}"))
        found = re.fullmatch(pattern, why)
        if found is not None:
            return chinese.format(*map(_in_chinese, found.groups()))
    raise TextMissing(f"texts/: no `why` has the Chinese for: {why}")


def _in_chinese(part: str) -> str:
    """What varies in a published sentence: a product, or a number or date."""
    return words().known("zh", "products", part.replace(" ", "_")) or part


def _next(policy: Policy, customer: Customer | None, step: Step, day: int, number: int) -> Decided:
    if step.what is None:
        if customer is None:
            raise TextMissing("a timeline begins with something that happens")
        midnight = policy.calendar.midnight(day_number(DAY_ZERO) + day)
        return sweep(policy, _CUSTOMER, customer, midnight)
    event = _event(policy, step, day, number)
    at = to_millis(event.occurred_at)
    return decide(policy, _CUSTOMER, customer, event, clock=None, record_at=at)


def _event(policy: Policy, step: Step, day: int, number: int) -> CustomerEvent:
    one = _happening(step)
    on = DAY_ZERO + timedelta(days=day)
    at = datetime.fromisoformat(f"{on} {one.time}").replace(tzinfo=policy.calendar.zone)
    told = {
        "type": one.type,
        "schema_version": 1,
        "source": "core",
        "event_id": f"event-{number}",
        "occurred_at": at.isoformat(),
        "customer_id": _CUSTOMER,
        **_fields(one, step),
    }
    if one.type == "transaction.posted":
        told.setdefault("posting_id", f"posting-{number}")
    if one.type == "balance.reported":
        told["as_of"] = on.isoformat()
    event: Any = EVENTS.validate_json(json.dumps(told, default=str))
    return event  # type: ignore[no-any-return]  # no control event is in a customer's life


def _happening(step: Step) -> Happening:
    try:
        return happenings()[step.what or ""]
    except KeyError:
        raise TextMissing(f"texts/happenings.yaml: {step.what}: missing") from None


def _fields(one: Happening, step: Step) -> dict[str, Any]:
    return one.fields | step.fields


def _field(language: Language, name: str, value: Any) -> str:
    if name == "product_type":
        return words().of(language, "products", value)
    if name in ("amount", "balance"):
        return f"{int(value):,}"
    return in_words(language, value)


def _rows(policy: Policy, step: Step, day: int, told: tuple[Output, ...]) -> Iterator[Row]:
    """What was due before the step, each at its own day, and then the step."""
    row = Row(step, [day])
    for output in told:
        if output.caused_by.type == "due":
            at = datetime.fromisoformat(output.effective_at).astimezone(policy.calendar.zone)
            yield Row(None, [(at.date() - DAY_ZERO).days], [output])
        else:
            row.told.append(output)
    if step.what is not None:
        yield row


def _together(rows: list[Row]) -> Iterator[Row]:
    """The same on several days without anything told is one row."""
    open_row: Row | None = None
    for row in rows:
        if open_row is not None and row.step is open_row.step and not row.told:
            open_row.days += row.days
            continue
        if open_row is not None:
            yield open_row
        open_row = None if row.told else row
        if row.told:
            yield row
    if open_row is not None:
        yield open_row


def _date(day: int) -> str:
    return (DAY_ZERO + timedelta(days=day)).isoformat()


def reasons_of(output: Output) -> tuple[list[str], list[str]]:
    """The rules that an output raises, and those that it clears."""
    if isinstance(output, StageChanged):
        rules = [one.rule for one in output.reasons]
        warned = output.to_stage == "at_risk"
        return (rules, []) if warned else ([], rules)
    return [one.rule for one in output.raised], [one.rule for one in output.cleared]
