"""docs/domain: every page is there in both languages, and is what the rules and the policy say."""

import re
from pathlib import Path

import pytest

from operate.pages import texts
from operate.pages.__main__ import DOCS, main, stale
from operate.pages.example import translated
from operate.pages.pages import pages
from operate.pages.settings import fill, policy_settings
from operate.pages.texts import TextMissing
from statemachine.docs import STAGE_NAMES
from statemachine.rules import KINDS
from statemachine.stages import STAGES

MADE = pages()
DOMAIN = sorted((DOCS / "domain").rglob("*.md"))


def test_every_page_is_fresh_and_none_is_left_over() -> None:
    assert list(stale(DOCS)) == [], "run: make docs"


@pytest.mark.parametrize("folder", ["domain", "domain/zh"])
def test_every_rule_and_every_stage_has_its_page_in_both_languages(folder: str) -> None:
    wanted = {f"{folder}/rules/{rule}.md" for rule in KINDS}
    wanted |= {f"{folder}/stages/{stage}.md" for stage in STAGES}
    assert wanted <= MADE.keys()


def test_every_text_is_of_a_rule_or_stage_that_there_is() -> None:
    assert {file.stem for file in (texts.FOLDER / "rules").iterdir()} == set(KINDS)
    assert {file.stem for file in (texts.FOLDER / "stages").iterdir()} == set(STAGES)


def test_every_setting_of_the_policy_has_its_meaning() -> None:
    for path in policy_settings():
        assert f"| `{path}` |" in MADE["domain/settings.md"]
        assert f"| `{path}` |" in MADE["domain/zh/settings.md"]


def test_the_stages_have_the_chinese_names_of_the_move_table() -> None:
    assert {stage: texts.stage_page(stage).zh.name for stage in STAGES} == {
        stage: name for stage, (name, _) in STAGE_NAMES.items()
    }


@pytest.mark.parametrize("page", DOMAIN, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_link_leads_to_a_file_that_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).is_file(), target


def test_nothing_of_a_text_is_left_unfilled() -> None:
    for path, text in MADE.items():
        assert not re.search(r"\{[a-z_.]*\}", text), path


def test_a_rule_without_a_text_is_refused_by_name() -> None:
    with pytest.raises(TextMissing, match=r"rules/unheard_of\.yaml"):
        texts.rule_page("unheard_of")


def test_a_number_that_is_no_setting_is_refused() -> None:
    with pytest.raises(TextMissing, match="no setting"):
        fill("en", "after {so_long}", {})


def test_a_published_sentence_without_its_chinese_is_refused() -> None:
    with pytest.raises(TextMissing, match="no `why` has the Chinese for: nobody knows"):
        translated("nobody knows", {"somebody {}": "有人{}"})


def test_pages_are_written_and_left_over_ones_removed(tmp_path: Path) -> None:
    left_over = tmp_path / "domain" / "rules" / "gone.md"
    left_over.parent.mkdir(parents=True)
    left_over.write_text("old", encoding="utf-8")
    assert main(["--check"], tmp_path) == 1
    assert main([], tmp_path) == 0
    assert not left_over.exists()
    assert main(["--check"], tmp_path) == 0
