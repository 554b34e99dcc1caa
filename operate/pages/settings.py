"""The settings of the policy, from its schema, and their shipped values in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from operate.pages.texts import Language, TextMissing, words
from statemachine.calendar import Span
from statemachine.policy_file import default_policy

_PLACEHOLDER: Final = re.compile(r"\{([a-z_.]+)\}")
_NO_THRESHOLD: Final = ("version", "name")
_FEW: Final = 5
"""Choices that are told one by one; of the currencies there are too many."""
_UNBOUNDED: Final = 10**9
"""A bound from here on only keeps numbers storable, and says nothing to a banker."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One number or choice of the policy: its path, its shipped value, and its JSON Schema."""

    path: str
    value: Any
    schema: Mapping[str, Any]


@cache
def policy_settings() -> dict[str, Setting]:
    """Every setting outside of the rules, by its path in the file."""
    found = _leaves(default_policy(), "", but=("rules", *_NO_THRESHOLD))
    return {one.path: one for one in found}


@cache
def rule_settings(name: str) -> dict[str, Setting]:
    """Every setting of a rule, by its path below the rule's name. Raises TextMissing."""
    entry = default_policy().rules.entry(name)
    if entry is None:
        raise TextMissing(f"default_policy.yaml: rules: {name}: write an entry for the rule")
    return {one.path: one for one in _leaves(entry, "")}


def in_words(language: Language, value: Any) -> str:
    """A value as a banker of that language writes it."""

    def word(section: str, name: str) -> str:
        return words().of(language, section, name)

    match value:
        case None:
            return word("values", "none")
        case Span():
            number, unit = str(value).split()
            return word("units", unit).format(number)
        case bool() | str():
            return str(value)
        case int():
            return f"{value:,}"
        case tuple():
            names = [word("products", one) for one in value]
            return word("values", "comma").join(names) or word("values", "nothing")
        case _:
            return ", ".join(value) or word("values", "nothing")


def allowed(setting: Setting) -> str:
    """What the schema lets a number or a choice be; empty for all others."""
    for one in (setting.schema, *setting.schema.get("anyOf", ())):
        choices = one.get("enum", ())
        if 0 < len(choices) <= _FEW:
            return " / ".join(map(str, choices))
        if "minimum" in one and "maximum" in one:
            least, most = one["minimum"], one["maximum"]
            return f"≥ {least:,}" if most >= _UNBOUNDED else f"{least:,} … {most:,}"
    return ""


def fill(language: Language, text: str, own: Mapping[str, Setting]) -> str:
    """`text` with its `{setting}`s replaced by their values, the rule's own before the policy's."""

    def value(found: re.Match[str]) -> str:
        setting = own.get(found[1]) or policy_settings().get(found[1])
        if setting is None:
            raise TextMissing(f"{{{found[1]}}} is no setting: {text}")
        return in_words(language, setting.value)

    return _PLACEHOLDER.sub(value, text)


def _leaves(values: BaseModel, above: str, but: tuple[str, ...] = ()) -> Iterator[Setting]:
    kind = type(values)
    schemas = {} if "rules" in but else kind.model_json_schema(mode="serialization")["properties"]
    for name in kind.model_fields:
        value = getattr(values, name)
        if name in but:
            continue
        if isinstance(value, BaseModel):
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield Setting(f"{above}{name}", value, schemas.get(name, {}))
