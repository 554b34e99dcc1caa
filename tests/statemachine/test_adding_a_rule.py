"""docs/domain/adding-a-rule.md, followed to the letter in a copy."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "domain" / "adding-a-rule.md").read_text(encoding="utf-8")
STEPS = re.findall(r"<!-- (\w+): (\S+) -->\n```\w+\n(.*?)```\n", PAGE, re.DOTALL)


def run(copy: Path, *arguments: str) -> str:
    """What `python` with these arguments prints, with the packages of the copy alone."""
    made = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        encoding="utf-8",
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return made.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages, with every file of the page written as the page says."""
    place = tmp_path_factory.mktemp("copy")
    for package in ("schemas", "statemachine", "operate/pages"):
        unneeded = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, place / package, ignore=unneeded)
    shutil.copy(ROOT / "operate" / "__init__.py", place / "operate")
    for what, name, text in STEPS:
        if what == "file":
            assert not (place / name).exists()
            (place / name).write_text(text, encoding="utf-8")
        elif what == "append":
            with (place / name).open("a", encoding="utf-8") as file:
                file.write(text)
    return place


def test_the_page_needs_one_file_and_one_entry_in_the_policy() -> None:
    assert [(what, name) for what, name, _ in STEPS if name.startswith("statemachine/")] == [
        ("file", "statemachine/rules/many_complaints.py"),
        ("append", "statemachine/default_policy.yaml"),
    ]


def test_the_rule_of_the_page_is_raised_and_cleared_with_the_evidence_that_the_page_shows(
    copy: Path,
) -> None:
    ((name, shown),) = [(name, text) for what, name, text in STEPS if what == "run"]
    command, _, expected = shown.partition("\n")
    assert command == f"$ python {name}"
    assert run(copy, name) == expected
    assert "raised many_complaints" in expected
    assert "cleared many_complaints" in expected


def test_the_rule_of_the_page_has_its_pages_for_bankers(copy: Path) -> None:
    run(copy, "-m", "operate.pages")
    made = copy / "docs" / "domain"
    english = (made / "rules" / "many_complaints.md").read_text(encoding="utf-8")
    assert "still At risk, now also for Many complaints: 2 complaints stand open at once" in english
    chinese = (made / "zh" / "rules" / "many_complaints.md").read_text(encoding="utf-8")
    assert "同时有 2 件投诉未办结" in chinese


def test_without_its_entry_the_rule_of_the_page_is_off(copy: Path) -> None:
    without = (
        "from statemachine.policy_file import default_policy_text, read_policy;"
        "text = default_policy_text().partition('  # Several complaints')[0];"
        "print([rule.name for rule in read_policy(text, 'a policy').active_rules])"
    )
    assert "many_complaints" not in run(copy, "-c", without)
