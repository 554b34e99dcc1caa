"""A record in the making: its parts, still apart, so that each can be spoilt on its own."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Final, Literal

from schemas.cloudevents import STRUCTURED
from tests.fuzz.choices import Choices

Mode = Literal["bare", "structured", "binary"]
MODES: Final[tuple[Mode, ...]] = (
    "bare",
    "bare",
    "bare",
    "bare",
    "bare",
    "bare",
    "structured",
    "binary",
)
_ATTRIBUTES: Final = {
    "event_id": "id",
    "source": "source",
    "type": "type",
    "occurred_at": "time",
    "customer_id": "subject",
    "sequence": "sequence",
    "schema_version": "schemaversion",
}
_NEEDED: Final = frozenset({"event_id", "source", "type"})

Pairs = list[tuple[bytes, bytes]]
"""An object's members in their order, names and values as they stand in JSON."""


@dataclass(slots=True)
class Draft:
    """What will be a record."""

    mode: Mode
    data: Pairs
    """The event's fields; in the modes of CloudEvents those that are in the data."""
    envelope: Pairs
    """Structured mode: the attributes."""
    headers: list[tuple[str, bytes | None]]
    key: bytes | None
    timestamp: int
    space: bytes = b""
    """Between two tokens."""
    encoded: bool = False
    """Structured mode: the data in base64."""

    def value(self) -> bytes:
        """The record's value."""
        data = _object(self.data, self.space)
        if self.mode != "structured":
            return data
        member = (b'"data"', data)
        if self.encoded:
            member = (b'"data_base64"', b'"' + b64encode(data) + b'"')
        return _object([*self.envelope, member], self.space)


def draft(choices: Choices, event: dict[str, Any], key: bytes | None, timestamp: int) -> Draft:
    """A record of the event as a feed would send it, in one of the three ways."""
    mode = choices.pick(MODES)
    plain = choices.below(4) > 0
    members = [
        (f'"{name}"'.encode(), json.dumps(value, ensure_ascii=plain).encode())
        for name, value in event.items()
    ]
    made = Draft(mode, members, [], [], key, timestamp, choices.pick((b"", b" ")))
    if mode == "bare":
        if choices.one_in(12):
            made.headers.append(("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00"))
        return made
    made.data = []
    attributes: list[tuple[str, Any]] = [("specversion", "1.0")]
    for (name, value), member in zip(event.items(), members, strict=True):
        attribute = _ATTRIBUTES.get(name)
        if attribute is None or value is None or (name not in _NEEDED and choices.one_in(3)):
            made.data.append(member)
            continue
        attributes.append((attribute, value))
        if choices.one_in(6):
            made.data.append(member)  # said twice, and the same
    if mode == "binary":
        made.headers = [(f"ce_{name}", str(value).encode()) for name, value in attributes]
        made.headers.append(("content-type", b"application/json"))
    else:
        made.envelope = [
            (f'"{name}"'.encode(), json.dumps(value, ensure_ascii=plain).encode())
            for name, value in attributes
        ]
        made.headers = [("content-type", STRUCTURED.encode())]
        made.encoded = choices.one_in(6)
    return made


def _object(members: Pairs, space: bytes) -> bytes:
    colon, comma = b":" + space, b"," + space
    return b"{" + comma.join([name + colon + value for name, value in members]) + b"}"
