"""CloudEvents 1.0 on Kafka: how events may arrive, and how outputs leave.

Theory of operation. There is one way to validate: the canonical JSON of `schemas.events`. So a
CloudEvent is not a second kind of message. Its attributes are folded into its data, and the
result is read like any bare canonical event:

    attribute       field            note
    id              event_id
    source          source
    type            type             the canonical name as it is: 'transaction.posted'
    time            occurred_at
    subject         customer_id
    sequence        sequence         an extension: decimal digits, leading zeros allowed
    schemaversion   schema_version   an extension; 1 where it is absent

A field may be said in the data too; if the two differ, the event is refused, never resolved.
Binary mode is recognised by headers that begin with `ce_`, structured mode by a content-type that
begins with `application/cloudevents`. Outputs leave in binary mode.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from pydantic_core import from_json, to_json

from schemas.outputs import CurrentStage, JournalRecord, Output
from schemas.problems import Problem, ProblemCode, not_json, shown, word

Headers = Sequence[tuple[str, bytes | None]]
"""A record's headers in their order; names may repeat, values may be null."""

STRUCTURED: Final = "application/cloudevents+json"
_JSON_TYPE: Final = re.compile(r"(application|text)/([\w.-]+\+)?json\s*(;.*)?", re.IGNORECASE)


class _RefusedError(Exception):
    def __init__(self, code: ProblemCode, detail: str, remedy: str | None = None) -> None:
        super().__init__(detail)
        self.problem = Problem(code, detail, remedy)


def canonical(headers: Headers, value: bytes) -> bytes | Problem:
    """Return the canonical JSON of a record; `value` itself when it is no CloudEvent.

    Pure and total: whatever the bytes are, the answer is bytes to validate, or the problem.
    """
    try:
        named = _by_name(headers)
        content_type = named.get("content-type", "")
        if content_type.lower().startswith("application/cloudevents"):
            return _from_structured(content_type, value)
        attributes = {name[3:]: text for name, text in named.items() if name.startswith("ce_")}
        return _from_binary(attributes, content_type, value) if attributes else value
    except _RefusedError as refused:
        return refused.problem


def _by_name(headers: Headers) -> dict[str, str]:
    named: dict[str, str] = {}
    for name, raw in headers:
        plain = name.lower()
        if raw is None or not plain.startswith(("ce_", "content-type")):
            continue
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            raise _RefusedError(
                "cloudevent_invalid", f"the header {word(name)} is not UTF-8 text"
            ) from error
        if named.setdefault(plain, text) != text:
            raise _RefusedError(
                "cloudevent_conflict", f"the header {word(name)} comes twice, unequal"
            )
    return named


def _from_structured(content_type: str, value: bytes) -> bytes:
    if content_type.partition(";")[0].strip().lower() != STRUCTURED:
        raise _RefusedError(
            "cloudevent_invalid",
            f"the content-type is not {STRUCTURED}: batches and other formats are not accepted",
        )
    envelope = _object(value, "the value")
    data = envelope.pop("data", None)
    encoded = envelope.pop("data_base64", None)
    if isinstance(encoded, str) and data is None:
        try:
            data = _object(b64decode(encoded, validate=True), "data_base64")
        except ValueError as error:
            raise _RefusedError("cloudevent_invalid", "data_base64 is not base64") from error
    if not isinstance(data, dict):
        raise _RefusedError("cloudevent_invalid", f"data is {shown(data)}, not an object")
    _require_json(envelope.get("datacontenttype"))
    return _folded(envelope, data)


def _from_binary(attributes: Mapping[str, str], content_type: str, value: bytes) -> bytes:
    _require_json(content_type or None)
    return _folded(attributes, _object(value, "the value"))


def _require_json(content_type: object) -> None:
    if content_type is None or (
        isinstance(content_type, str) and _JSON_TYPE.fullmatch(content_type.strip())
    ):
        return
    raise _RefusedError(
        "cloudevent_invalid",
        f"the data's content type is {word(content_type)}; expected application/json",
    )


def _object(document: bytes, what: str) -> dict[str, Any]:
    try:
        found = from_json(document)
    except ValueError as error:
        problem = not_json(document, str(error))
        raise _RefusedError(problem.code, problem.detail, problem.remedy) from error
    if not isinstance(found, dict):
        raise _RefusedError("not_object", f"{what} is {shown(found)}, not an object")
    return found


def _folded(attributes: Mapping[str, Any], data: dict[str, Any]) -> bytes:
    """Fold the attributes into the data: the canonical JSON, or refused by name."""
    version = attributes.get("specversion")
    if version != "1.0":
        raise _RefusedError("cloudevent_invalid", f"specversion is {word(version)}; expected '1.0'")
    for required in ("id", "source", "type"):
        if not attributes.get(required):
            raise _RefusedError("cloudevent_invalid", f"the attribute `{required}` is missing")
    event: dict[str, Any] = {"schema_version": 1} if data.get("schema_version") is None else {}
    for attribute, (field, read, same) in _FIELDS.items():
        found = attributes.get(attribute)
        if found is None:
            continue
        event[field] = said = read(attribute, found)
        told = data.get(field)
        if told is not None and told != said and not same(told, said):
            raise _RefusedError(
                "cloudevent_conflict",
                f"the attribute `{attribute}` and the field {field} of the data differ",
            )
    return to_json({**data, **event})


def _text(attribute: str, found: object) -> str:
    if isinstance(found, str):
        return found
    raise _RefusedError(
        "cloudevent_invalid", f"the attribute `{attribute}` is {shown(found)}, not text"
    )


def _whole(attribute: str, found: object) -> int:
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    if isinstance(found, str) and re.fullmatch("[0-9]{1,40}", found):
        return int(found)
    raise _RefusedError(
        "cloudevent_invalid",
        f"the attribute `{attribute}` is {shown(found)}; expected decimal digits",
    )


def _same_instant(one: object, other: object) -> bool:
    try:
        return datetime.fromisoformat(str(one)) == datetime.fromisoformat(str(other))
    except ValueError:
        return False


def _never(_: object, __: object) -> bool:
    return False


_Read = Callable[[str, object], str | int]
_Same = Callable[[object, object], bool]
_FIELDS: Final[Mapping[str, tuple[str, _Read, _Same]]] = {
    "id": ("event_id", _text, _never),
    "source": ("source", _text, _never),
    "type": ("type", _text, _never),
    "time": ("occurred_at", _text, _same_instant),
    "subject": ("customer_id", _text, _never),
    "sequence": ("sequence", _whole, _never),
    "schemaversion": ("schema_version", _whole, _never),
}
"""Attribute to field: how it is read, and when two different texts still say the same."""


class OutputRecord(NamedTuple):
    """What is sent to an output topic."""

    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def to_record(output: Output | CurrentStage | JournalRecord, source: str) -> OutputRecord:
    """Write an output as a CloudEvent in binary mode, keyed by its customer.

    `source` names the deployment, such as 'tenure/live'. The value is canonical: the same output
    gives the same bytes, every field present (null where empty), in the order of the contract.
    A journal record has no key: its partition is given explicitly.
    """
    envelope = _envelope(output, source)
    headers = tuple((f"ce_{name}", text.encode()) for name, text in envelope.items())
    subject = envelope.get("subject")
    return OutputRecord(
        key=subject.encode() if subject is not None else None,
        value=output.model_dump_json(by_alias=True).encode(),
        headers=(*headers, ("content-type", b"application/json")),
    )


def to_structured(output: Output | CurrentStage | JournalRecord, source: str) -> dict[str, Any]:
    """Return an output as a CloudEvent in structured mode: one object, ready for `to_json`."""
    return {
        **_envelope(output, source),
        "datacontenttype": "application/json",
        "data": output.model_dump(mode="json", by_alias=True),
    }


def _envelope(output: Output | CurrentStage | JournalRecord, source: str) -> dict[str, str]:
    match output:
        case CurrentStage():
            kind, time = "customer.current-stage", output.since
            identity = f"{output.customer_id}:{output.sequence}"
        case JournalRecord():
            identity = f"{output.partition}:{output.batch}:{output.nonce}"
            return _attributes(identity, "tenure.batch-committed", source)
        case _:
            kind, time, identity = output.type, output.effective_at, output.id
    return {
        **_attributes(identity, kind, source),
        "time": time,
        "subject": output.customer_id,
    }


def _attributes(identity: str, kind: str, source: str) -> dict[str, str]:
    return {"specversion": "1.0", "id": identity, "type": kind, "source": source}
