"""What all pages share: where a page is, links, tables, and the parts that several have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from posixpath import dirname, relpath
from typing import Final

from operate.pages.example import DAY_ZERO, Row, happened, reasons_of, translated, when
from operate.pages.settings import Setting, allowed, in_words
from operate.pages.texts import Language, SettingText, stage_page, words
from schemas.outputs import Output, Stage, StageChanged
from statemachine.docs import table

_LINK: Final = re.compile(r"\(docs:([^)]+)\)")
_BETWEEN_CHINESE: Final = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \n](?=[\u3000-\u9fff\uff00-\uffef])"
)
"""Where a line of a text was broken, Chinese has no space."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page in one language; `name` is its path below docs/domain or docs/domain/zh."""

    language: Language
    name: str

    @property
    def path(self) -> str:
        """Its path below docs/."""
        return f"domain/{self.name}" if self.language == "en" else f"domain/zh/{self.name}"

    def word(self, section: str, name: str) -> str:
        """Short words in the page's language."""
        return words().of(self.language, section, name)

    def link(self, name: str) -> str:
        """The way from here to another page of the same language."""
        return relpath(Page(self.language, name).path, dirname(self.path))

    def text(self, parts: Iterable[str]) -> str:
        """The whole page: its parts, with every link of the form (docs:path) made relative."""

        def relative(found: re.Match[str]) -> str:
            return f"({relpath(found[1], dirname(self.path))})"

        text = _LINK.sub(relative, "\n\n".join(part.strip() for part in parts if part))
        return _BETWEEN_CHINESE.sub("", text) + "\n"

    def head(self, title: str) -> list[str]:
        """Title, a word on how the page is made, and the ways to the other pages."""
        other = Page("zh" if self.language == "en" else "en", self.name)
        ways = [f"[{self.word('page', 'other')}](docs:{other.path})"]
        if self.name != "README.md":
            ways.append(f"[{self.word('page', 'index')}]({self.link('README.md')})")
        return [f"# {title}", f"<!-- {self.word('page', 'made')} -->", " · ".join(ways)]

    def table(self, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
        """A table with these columns (of words.yaml)."""
        return table(tuple(self.word("columns", name) for name in columns), list(rows))

    def titled(self, name: str, code: str) -> str:
        """A name with what it is called in the data."""
        return self.word("ways", "with").format(name, f"`{code}`")

    def stage(self, stage: Stage | None) -> str:
        """A stage's name."""
        if stage is None:
            return self.word("values", "nobody")
        return stage_page(stage).of(self.language).name


def settings_table(page: Page, rows: Iterable[tuple[str, Setting, SettingText]]) -> str:
    """Settings by their name: value, what is allowed, meaning, and where the value comes from."""
    return page.table(
        ("setting", "default", "allowed", "means", "origin"),
        [
            (
                f"`{name}`",
                in_words(page.language, setting.value),
                allowed(setting),
                text.means,
                text.origin,
            )
            for name, setting, text in rows
        ],
    )


def example(
    page: Page, rows: Sequence[Row], sentences: Mapping[str, str], names: Mapping[str, str]
) -> list[str]:
    """The section with an example; `names` are the rules' names in the page's language."""
    lines = [
        (
            *when(row),
            happened(page.language, row.step),
            "<br>".join(_told(page, one, sentences, names) for one in row.told),
        )
        for row in rows
    ]
    return [
        f"## {page.word('page', 'example')}",
        page.word("page", "how").format(day_zero=DAY_ZERO),
        page.table(("day", "date", "happened", "told"), lines),
    ]


def evidence(page: Page, rule: str, rows: Sequence[Row]) -> str:
    """What was published of the reason when the example first raised it."""
    for output in (one for row in rows for one in row.told):
        told = output.reasons if isinstance(output, StageChanged) else output.raised
        for reason in told:
            if reason.rule == rule:
                values = page.word("values", "comma").join(
                    f"`{name}` {value}" for name, value in sorted(reason.values.items())
                )
                return page.word("page", "evidence").format(values=values)
    return ""


def _told(
    page: Page, output: Output, sentences: Mapping[str, str], names: Mapping[str, str]
) -> str:
    why = output.why if page.language == "en" else translated(output.why, sentences)
    if isinstance(output, StageChanged):
        target = page.stage(output.to_stage)
        if output.lost_by is not None:
            way = page.word("ways", output.lost_by)
            target = page.word("ways", "with").format(target, way)
        return (
            page.word("told", "move")
            .replace("{from}", page.stage(output.from_stage))
            .replace("{to}", target)
            .replace("{kind}", page.word("kinds", output.kind))
            .replace("{why}", why)
        )
    raised, cleared = reasons_of(output)
    told = "raised" if raised else "cleared" if cleared else "changed"
    rules = page.word("values", "comma").join(names[rule] for rule in raised or cleared)
    return page.word("told", told).format(stage=page.stage(output.stage), rules=rules, why=why)
