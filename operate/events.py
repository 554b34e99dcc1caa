"""Making one event to send: the example of its type, dated now, with fields replaced."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from typing import Any, Final

from pydantic import ValidationError

from operate.exits import Ended, Exit
from schemas.events import EVENTS, CanonicalEvent
from schemas.examples import example, type_names
from schemas.problems import nearest, problem_in

_POSTINGS: Final = frozenset({"transaction.posted", "transaction.reversed", "balance.reported"})
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T.+")


def known_type(name: str) -> str:
    """The name of an event type, or Ended with the nearest one."""
    known = type_names()
    if name in known:
        return name
    close = get_close_matches(name, known, n=1)
    guess = f"; did you mean {close[0]}?" if close else ""
    raise Ended(Exit.NOT_FOUND, f"no event type '{name}'{guess} (`tenure example` lists them)")


def assignments(texts: list[str]) -> dict[str, str]:
    """Fields of 'name=value' texts. Raises Ended."""
    fields = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise Ended(Exit.USAGE, f"--field {text}: write it as name=value")
        fields[name] = value
    return fields


def make_event(
    kind: str, customer_id: str | None, fields: Mapping[str, str], at: datetime
) -> tuple[CanonicalEvent, bytes]:
    """A valid event of a type and its JSON: the example's fields, its dates moved to `at`.

    The event id, and the id of a posting, are new ones. A field's value is text where the
    contract asks for text, else JSON; an empty one leaves the field out. Raises Ended.
    """
    _check_names(kind, fields)
    model = example(kind)
    body = _moved(model, at) | {"source": "tenure/send", "occurred_at": at.isoformat()}
    body["event_id"] = f"send-{secrets.token_hex(8)}"
    if kind == "transaction.posted":
        body["posting_id"] = f"send-{secrets.token_hex(6)}"
    if "customer_id" in model:
        if customer_id is None and "customer_id" not in fields:
            raise Ended(Exit.USAGE, f"{kind} is about a customer: name one with --customer ID")
        body["customer_id"] = customer_id
    body = {name: value for name, value in {**body, **fields}.items() if value != ""}
    return _validated(body, set(fields))


def default_topic(kind: str, topics: tuple[str, ...]) -> str:
    """The input topic for a type: postings and balances on the last one, the rest on the first."""
    return topics[-1] if kind in _POSTINGS else topics[0]


def _check_names(kind: str, fields: Mapping[str, str]) -> None:
    """Raise Ended for a field that the type does not have: a worker would ignore it."""
    known = list(type(EVENTS.validate_python(example(kind), strict=False)).model_fields)
    for name in fields:
        if name not in known:
            guess = nearest(name, known) or f"; it has {', '.join(known)}"
            raise Ended(Exit.USAGE, f"--field {name}: {kind} has no such field{guess}")


def _validated(body: dict[str, Any], given: set[str]) -> tuple[CanonicalEvent, bytes]:
    """The event; a given field that cannot be text is read as JSON."""
    try:
        return _read(body)
    except ValidationError as error:
        wrong = {str(each["loc"][1]) for each in error.errors() if len(each["loc"]) > 1}
        for name in wrong & given & body.keys():
            try:
                body[name] = json.loads(body[name])
            except ValueError:
                continue
    try:
        return _read(body)
    except ValidationError as error:
        raise Ended(Exit.USAGE, problem_in(error, _to_json(body)).detail) from None


def _read(body: Mapping[str, Any]) -> tuple[CanonicalEvent, bytes]:
    document = _to_json(body)
    event: CanonicalEvent = EVENTS.validate_json(document)
    return event, document


def _to_json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _moved(body: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The example with every day and time in it as far from `at` as it was from its own."""
    days = at.date() - datetime.fromisoformat(body["occurred_at"]).date()
    return {name: _later(value, days) for name, value in body.items()}


def _later(value: Any, days: timedelta) -> Any:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return (date.fromisoformat(value) + days).isoformat()
    if isinstance(value, str) and _TIME.fullmatch(value):
        return (datetime.fromisoformat(value) + days).isoformat()
    return value


def moment(text: str | None) -> datetime:
    """The time that an option names, or now. Raises Ended."""
    if text is None:
        return datetime.now(UTC)
    with suppress(ValueError):
        found = datetime.fromisoformat(text)
        if found.utcoffset() is not None:
            return found
    raise Ended(
        Exit.USAGE, f"'{text}' is not a time with an offset, such as 2025-12-31T10:00:00+08:00"
    )
