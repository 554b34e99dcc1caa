"""The page of all event types: what each tells, its fields, and an example to copy."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from schemas.examples import example
from schemas.json_schema import event_models, json_schemas

_COMMON: Final = (
    "type",
    "schema_version",
    "source",
    "event_id",
    "occurred_at",
    "received_at",
    "sequence",
    "tenant",
)
"""What every event carries: told once, at the top of the page."""
_ANY_TYPE: Final = {"const": "...", "description": "Which event it is: one of the names below."}


def types_page() -> str:
    """Return the page as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    schemas = json_schemas()
    yield "# Event types"
    yield ""
    yield "<!-- Made by `python -m schemas.generate`; edit the models, not this page. -->"
    yield ""
    yield "Unknown fields are ignored. How events travel, and what is refused: events.md."
    yield ""
    yield "Every event carries:"
    yield ""
    yield from _table(schemas["account.closed"], _COMMON)
    for name, model in event_models().items():
        own = [field for field in model.model_fields if field not in _COMMON]
        yield ""
        yield f"## {name}"
        yield ""
        yield " ".join((model.__doc__ or "").split())
        yield ""
        yield from _table(schemas[name], own) if own else ()
        yield ""
        yield "```json"
        yield json.dumps(example(name), indent=2, ensure_ascii=False)
        yield "```"


def _table(schema: Mapping[str, Any], fields: tuple[str, ...] | list[str]) -> Iterator[str]:
    yield "| field | required | form | meaning |"
    yield "|---|---|---|---|"
    for field in fields:
        about = _ANY_TYPE if field == "type" else schema["properties"][field]
        required = "yes" if field in schema["required"] else ""
        yield f"| `{field}` | {required} | {_form(about)} | {about.get('description', '')} |"


def _form(about: Mapping[str, Any]) -> str:
    choices = [each for each in about.get("anyOf", [about]) if each.get("type") != "null"]
    match choices[0]:
        case {"const": value}:
            return f"`{json.dumps(value)}`"
        case {"enum": words}:
            return ", ".join(f"`{each}`" for each in words)
        case {"$ref": _}:
            return "ISO 4217 code"
        case {"format": "date-time"}:
            return "RFC 3339 time with an offset"
        case {"format": "date"}:
            return "day, `YYYY-MM-DD`"
        case {"type": "string"}:
            return _text(choices[0])
        case {"type": "integer"}:
            return _whole(choices[0])
        case {"type": "boolean"}:
            return "true or false"
        case other:
            raise ValueError(f"no words for a field of the form {other}")


def _text(about: Mapping[str, Any]) -> str:
    if "[0-9]" in about.get("pattern", ""):
        return "decimal string"
    if "pattern" in about:
        return f"id, up to {about['maxLength']} characters"
    return f"text, up to {about['maxLength']} characters"


def _whole(about: Mapping[str, Any]) -> str:
    least, most = about.get("minimum"), about.get("maximum", 0)
    return f"whole number, {least} to {most}" if most < 1_000 else f"whole number from {least}"
