"""YAML for people to read, of the values that JSON has; always the same text for the same value.

The contracts need nothing but pydantic, so this small writer does what the AsyncAPI document
needs; a test reads it back with a real YAML parser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_ ./()-]*[A-Za-z0-9_./)-]|[A-Za-z]")
_PARAGRAPHS: Final = re.compile(r"(\S(.*\S)?\n+)*\S(.*\S)?")
_RESERVED: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"})


def plain_yaml(value: object) -> str:
    """Write a value of mappings, sequences, text, numbers, booleans and None as YAML."""
    return "\n".join(_lines(value)) + "\n"


def _lines(value: object) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for key, below in value.items():
            yield from _entry(f"{_scalar(key)}:", below)
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        for item in value:
            first, *rest = _lines(item)
            yield f"- {first}"
            yield from map(_indented, rest)
    else:
        yield _scalar(value)


def _entry(key: str, value: object) -> Iterator[str]:
    if isinstance(value, Mapping | list | tuple) and value:
        yield key
        yield from map(_indented, _lines(value))
    elif isinstance(value, str) and "\n" in value and _PARAGRAPHS.fullmatch(value):
        yield f"{key} |-"
        yield from map(_indented, value.split("\n"))
    else:
        yield f"{key} {_scalar(value)}"


def _indented(line: str) -> str:
    return f"  {line}" if line else ""


def _scalar(value: object) -> str:
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list | tuple):
        return "[]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _RESERVED:
        return value
    return json.dumps(value, ensure_ascii=False)
