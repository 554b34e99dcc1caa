"""The hand-written part of the pages: texts/*.yaml, read and checked.

A text is written in both languages or refused. `{after}` in a text stands for the value of that
setting in the shipped policy, so that a sentence cannot contradict it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final, Generic, Literal, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
FOLDER: Final = Path(__file__).parent / "texts"


class TextMissing(Exception):
    """A text is not there, or not as it should be. The message names the file and what to do."""


class _Text(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


T = TypeVar("T")


class Both(_Text, Generic[T]):
    """The same in both languages."""

    en: T
    zh: T

    def of(self, language: Language) -> T:
        """The one in `language`."""
        return self.en if language == "en" else self.zh


class SettingText(_Text):
    """What a setting means, and why its value is what it is."""

    means: str
    origin: str


class Step(_Text):
    """A step of an example: a happening on one or more days; without one, time passes."""

    days: tuple[int, ...] = Field(alias="day")
    what: str | None = None
    fields: dict[str, Any] = Field(default={}, alias="with")

    @field_validator("days", mode="before")
    @classmethod
    def _listed(cls, days: object) -> object:
        if isinstance(days, int):
            return (days,)
        if isinstance(days, dict):
            return tuple(range(days["from"], days["to"] + 1, days["every"]))
        return days


class RuleText(_Text):
    """What a banker should know of a rule."""

    name: str
    summary: str
    meaning: str
    raises: str
    clears: str
    origin: str


class StageText(_Text):
    """What a banker should know of a stage."""

    name: str
    who: str
    meaning: str
    bank: str


class _Translated(_Text):
    why: dict[str, str] = {}
    """Published sentences, with {} for what varies, and what they are in Chinese."""


class _Played(_Translated):
    timeline: tuple[Step, ...]


class RulePage(_Played, Both[RuleText]):
    """texts/rules/<rule>.yaml."""

    settings: dict[str, Both[SettingText]] = {}
    also: tuple[str, ...] = ()
    """Settings of the whole policy that the rule looks at."""


class StagePage(_Played, Both[StageText]):
    """texts/stages/<stage>.yaml."""

    settings: tuple[str, ...] = ()
    """Settings of the whole policy that decide about the stage."""


class IndexText(_Text):
    """The words around the tables of the pages that lead to the others."""

    title: str
    introduction: str
    stages: str
    rules: str
    more: str
    settings_title: str
    settings_introduction: str


class IndexPage(_Translated, Both[IndexText]):
    """texts/index.yaml, with the sentences of no rule or stage in particular."""


class Happening(Both[str]):
    """Something that happens to a customer in an example: an event, and its words."""

    type: str
    time: str = "10:00"
    fields: dict[str, Any] = Field(default={}, alias="with")


class Words:
    """texts/words.yaml: short words by section and name, such as `groups` and `inactivity`."""

    def __init__(self, sections: dict[str, dict[str, dict[Language, str]]]) -> None:
        self._sections = sections

    def known(self, language: Language, section: str, name: str) -> str | None:
        """The words, if there are any."""
        return self._sections[section].get(name, {}).get(language)

    def of(self, language: Language, section: str, name: str) -> str:
        """The words. Raises TextMissing."""
        found = self.known(language, section, name)
        if found is None:
            raise TextMissing(f"texts/words.yaml: {section}: {name}: {language}: missing")
        return found


_WORDS: Final = TypeAdapter(dict[str, dict[str, dict[Language, str]]])


@cache
def words() -> Words:
    """texts/words.yaml."""
    return Words(_WORDS.validate_python(_values("words.yaml")))


@cache
def happenings() -> dict[str, Happening]:
    """texts/happenings.yaml."""
    found = _values("happenings.yaml")
    return {name: _read(Happening, "happenings.yaml", one) for name, one in found.items()}


@cache
def policy_texts() -> dict[str, Both[SettingText]]:
    """texts/settings.yaml: the settings outside of the rules, by their path."""
    found = _values("settings.yaml")
    return {path: _read(Both[SettingText], "settings.yaml", one) for path, one in found.items()}


@cache
def index_page() -> IndexPage:
    """texts/index.yaml."""
    return _read(IndexPage, "index.yaml", _values("index.yaml"))


@cache
def rule_page(name: str) -> RulePage:
    """The texts of a rule."""
    return _read(RulePage, f"rules/{name}.yaml", _values(f"rules/{name}.yaml"))


@cache
def stage_page(name: str) -> StagePage:
    """The texts of a stage."""
    return _read(StagePage, f"stages/{name}.yaml", _values(f"stages/{name}.yaml"))


def _values(name: str) -> Any:
    file = FOLDER / name
    if not file.is_file():
        raise TextMissing(f"texts/{name}: write it; docs/domain/adding-a-rule.md says how")
    return yaml.safe_load(file.read_text(encoding="utf-8"))


M = TypeVar("M", bound=_Text)


def _read(kind: type[M], name: str, values: object) -> M:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise TextMissing(f"texts/{name}: {error}") from None
