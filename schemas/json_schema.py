"""JSON Schema (2020-12) of every message, made from the models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from schemas.base import Message
from schemas.currency import CURRENCIES
from schemas.events import CanonicalEvent
from schemas.examples import example, type_names
from schemas.headers import PREFIX, Provenance
from schemas.outputs import (
    CurrentStage,
    DeadLetter,
    JournalRecord,
    RiskReasonsChanged,
    StageChanged,
)

UNION: Final = "canonical-event"
OUTPUTS: Final[Mapping[str, type[Message]]] = {
    "customer.stage-changed": StageChanged,
    "customer.risk-reasons-changed": RiskReasonsChanged,
    "customer.current-stage": CurrentStage,
    "tenure.batch-committed": JournalRecord,
}
HEADERS: Final[Mapping[str, type[Message]]] = {
    "dead-letter.headers": DeadLetter,
    "provenance.headers": Provenance,
}
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class _WithoutFieldTitles(GenerateJsonSchema):
    """A field's title would only repeat its name."""

    def field_title_should_be_set(self, _: Any) -> bool:
        return False


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every message by its name, which is its file's name too."""
    schemas = {name: _event(name, model) for name, model in event_models().items()}
    schemas[UNION] = _union()
    schemas |= {name: _schema(name, model, "serialization") for name, model in OUTPUTS.items()}
    schemas |= {name: _headers(name, model) for name, model in HEADERS.items()}
    return schemas


def event_models() -> dict[str, type[Message]]:
    """Return the model of every event type, in the order of the contract."""
    return dict(zip(type_names(), get_args(get_args(CanonicalEvent)[0]), strict=True))


def _event(name: str, model: type[Message]) -> dict[str, Any]:
    return {**_schema(name, model, "validation"), "examples": [example(name)]}


def _union() -> dict[str, Any]:
    return {
        "$schema": _DIALECT,
        "$id": _identity(UNION),
        "title": "CanonicalEvent",
        "description": "Any event that Tenure accepts, told apart by `type`.",
        "type": "object",
        "required": ["type"],
        "oneOf": [{"$ref": f"{name}.json"} for name in type_names()],
    }


def _headers(name: str, model: type[Message]) -> dict[str, Any]:
    """Describe the headers that a message becomes (schemas.headers): all of them text."""
    schema = _schema(name, model, "validation")
    schema["properties"] = {
        PREFIX + field: _as_text(about) for field, about in schema["properties"].items()
    }
    schema["required"] = [PREFIX + field for field in schema.get("required", [])]
    return schema


def _as_text(about: Mapping[str, Any]) -> dict[str, Any]:
    choices = [each for each in about.get("anyOf", [about]) if each.get("type") != "null"]
    text: dict[str, Any] = {"type": "string"}
    if "description" in about:
        text["description"] = about["description"]
    if "enum" in choices[0]:
        text["enum"] = choices[0]["enum"]
    if choices[0].get("type") == "integer":
        text["pattern"] = "^-?[0-9]+$"
    return text


def _schema(
    name: str, model: type[Message], mode: Literal["validation", "serialization"]
) -> dict[str, Any]:
    adapter: TypeAdapter[Message] = TypeAdapter(model)
    made = adapter.json_schema(by_alias=True, mode=mode, schema_generator=_WithoutFieldTitles)
    schema = {"$schema": _DIALECT, "$id": _identity(name), **_without_lists(made)}
    if _mentions_currency(schema):
        schema["$defs"] = {**schema.get("$defs", {}), "Currency": _currency()}
    return schema


def _identity(name: str) -> str:
    return f"urn:tenure:contract:{name}:1"


def _currency() -> dict[str, Any]:
    return {
        "type": "string",
        "description": "ISO 4217, in capital letters.",
        "enum": list(CURRENCIES),
    }


def _without_lists(node: Any) -> Any:
    """Name the list of currencies once, in place of repeating it in every field."""
    if isinstance(node, list):
        return [_without_lists(each) for each in node]
    if not isinstance(node, dict):
        return node
    if node.get("enum") == list(CURRENCIES):
        return {"$ref": "#/$defs/Currency"}
    return {key: _without_lists(value) for key, value in node.items()}


def _mentions_currency(node: Any) -> bool:
    if isinstance(node, dict):
        return node.get("$ref") == "#/$defs/Currency" or any(map(_mentions_currency, node.values()))
    return isinstance(node, list) and any(map(_mentions_currency, node))
