"""Each page of docs/domain that is made, as text, and the move table beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from operate.pages.example import Row, play, reasons_of
from operate.pages.moves import ways_in, ways_out
from operate.pages.page import Page, evidence, example, settings_table
from operate.pages.settings import Setting, fill, policy_settings, rule_settings
from operate.pages.texts import (
    LANGUAGES,
    Both,
    Language,
    SettingText,
    TextMissing,
    index_page,
    policy_texts,
    rule_page,
    stage_page,
)
from schemas.outputs import Stage, StageChanged
from statemachine.docs import stages_page
from statemachine.policy_file import default_policy
from statemachine.rules import KINDS
from statemachine.stages import STAGES


def pages() -> dict[str, str]:
    """Every page by its path below docs/. Raises TextMissing."""
    found = {"stages.md": stages_page()}
    for language in LANGUAGES:
        index, settings = Page(language, "README.md"), Page(language, "settings.md")
        found[index.path] = _index(index)
        found[settings.path] = _settings(settings)
        for stage in STAGES:
            page = Page(language, f"stages/{stage}.md")
            found[page.path] = _stage(page, stage)
        for rule in KINDS:
            page = Page(language, f"rules/{rule}.md")
            found[page.path] = _rule(page, rule)
    return found


def _index(page: Page) -> str:
    text = index_page().of(page.language)
    stages = []
    for stage in STAGES:
        place = f"[{page.stage(stage)}]({page.link(f'stages/{stage}.md')})"
        stages.append((place, f"`{stage}`", stage_page(stage).of(page.language).who))
    rules = []
    for name, kind in KINDS.items():
        about = rule_page(name).of(page.language)
        place = f"[{about.name}]({page.link(f'rules/{name}.md')})"
        summary = fill(page.language, about.summary, rule_settings(name))
        rules.append((place, f"`{name}`", page.word("groups", kind.rule.group), summary))
    return page.text(
        [
            *page.head(text.title),
            text.introduction,
            text.stages,
            page.table(("stage", "in_data", "who"), stages),
            text.rules,
            page.table(("rule", "in_data", "group", "summary"), rules),
            text.more,
        ]
    )


def _settings(page: Page) -> str:
    text, known = index_page().of(page.language), policy_settings()
    _same(policy_texts(), known, "settings.yaml")
    return page.text(
        [
            *page.head(text.settings_title),
            text.settings_introduction,
            settings_table(page, _of_policy(page.language, known)),
        ]
    )


def _stage(page: Page, stage: Stage) -> str:
    texts, rows = stage_page(stage), _played_stage(stage)
    about = texts.of(page.language)
    parts = [
        *page.head(page.titled(about.name, stage)),
        fill(page.language, about.meaning, {}),
        f"**{page.word('page', 'bank')}** {about.bank}",
        f"## {page.word('page', 'comes')}",
        ways_in(page, stage),
        f"## {page.word('page', 'goes')}",
        ways_out(page, stage),
        *example(page, rows, _sentences(), _names(page.language)),
    ]
    if texts.settings:
        parts.append(f"## {page.word('page', 'settings')}")
        parts.append(settings_table(page, _of_policy(page.language, texts.settings)))
    return page.text([*parts, page.word("page", "more")])


def _rule(page: Page, rule: str) -> str:
    texts, own, rows = rule_page(rule), rule_settings(rule), _played_rule(rule)
    _same(texts.settings, own, f"rules/{rule}.yaml: settings")
    about = texts.of(page.language)
    told = {name: fill(page.language, getattr(about, name), own) for name in ("raises", "clears")}
    group = page.word("groups", KINDS[rule].rule.group)
    parts = [
        *page.head(page.titled(about.name, rule)),
        fill(page.language, about.meaning, own),
        "\n".join(
            f"- **{page.word('page', name)}** {words}"
            for name, words in (("group", group), *told.items())
        ),
        *example(page, rows, _sentences(), _names(page.language)),
        evidence(page, rule, rows),
        f"## {page.word('page', 'settings')}",
    ]
    if not own:
        parts.append(page.word("page", "no_settings"))
    of_rule = ((name, own[name], texts.settings[name].of(page.language)) for name in own)
    shown = [*of_rule, *_of_policy(page.language, texts.also)]
    if shown:
        parts.append(settings_table(page, shown))
    origin = fill(page.language, about.origin, own)
    return page.text(
        [*parts, f"## {page.word('page', 'origin')}", origin, page.word("page", "more")]
    )


def _of_policy(
    language: Language, paths: Iterable[str]
) -> Iterator[tuple[str, Setting, SettingText]]:
    known, texts = policy_settings(), policy_texts()
    for path in paths:
        if path not in known:
            raise TextMissing(f"texts/: {path} is no setting of the policy")
        yield path, known[path], texts[path].of(language)


def _same(texts: Mapping[str, Both[SettingText]], known: Mapping[str, Setting], name: str) -> None:
    for path in known.keys() - texts.keys():
        raise TextMissing(f"texts/{name}: {path}: say what it means and where it comes from")
    for path in texts.keys() - known.keys():
        raise TextMissing(f"texts/{name}: {path} is no setting")


@cache
def _played_stage(stage: Stage) -> list[Row]:
    rows = play(default_policy(), stage_page(stage).timeline)
    changes = [one for row in rows for one in row.told if isinstance(one, StageChanged)]
    if not any(change.to_stage == stage for change in changes):
        raise TextMissing(f"texts/stages/{stage}.yaml: the timeline never comes to the stage")
    return rows


@cache
def _played_rule(rule: str) -> list[Row]:
    rows = play(default_policy(), rule_page(rule).timeline)
    reasons = [reasons_of(one) for row in rows for one in row.told]
    if not any(rule in raised for raised, _ in reasons):
        raise TextMissing(f"texts/rules/{rule}.yaml: the timeline never raises the reason")
    if not any(rule in cleared for _, cleared in reasons):
        raise TextMissing(f"texts/rules/{rule}.yaml: the timeline never clears the reason")
    return rows


@cache
def _sentences() -> dict[str, str]:
    """Every published sentence that a text has the Chinese for."""
    found = dict(index_page().why)
    for page in (*map(stage_page, STAGES), *map(rule_page, KINDS)):
        found |= page.why
    return found


@cache
def _names(language: Language) -> dict[str, str]:
    return {rule: rule_page(rule).of(language).name for rule in KINDS}
