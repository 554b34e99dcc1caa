"""The pages for people, held against the program: what they show is what it says and takes."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from consumer.condition import SLACK, Condition
from consumer.report import Reporter
from operate.cli import app

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs" / "operating" / "runbook.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


class Told:
    """A log that keeps what it is told."""

    def __init__(self) -> None:
        self.fields: dict[str, object] = {}

    def info(self, event: str, **fields: object) -> None:
        self.fields = {**fields, "event": event, "level": "info"}

    def warning(self, event: str, **fields: object) -> None:
        raise AssertionError(event)


def batch_section() -> str:
    return RUNBOOK.partition("## One line per batch")[2].partition("\n## ")[0]


def test_the_line_of_a_batch_is_shown_as_it_is() -> None:
    told = Told()
    Reporter(told).batch([], 0, 0)
    (shown,) = re.findall(r"```json\n(.*?)```", batch_section(), re.DOTALL)
    assert list(json.loads(shown)) == ["worker", *told.fields, "timestamp"]


def test_every_field_of_the_line_has_a_meaning() -> None:
    told = Told()
    Reporter(told).batch([], 0, 0)
    first_column = re.findall(r"^\| (`.*?) \|", batch_section(), re.MULTILINE)
    explained = [name for cell in first_column for name in re.findall(r"`(.*?)`", cell)]
    assert explained == [
        "worker",
        *(name for name in told.fields if name not in ("event", "level")),
    ]


def test_every_field_of_readiness_has_a_meaning() -> None:
    about = ("worker_id", "deployment", "policy_version", "policy_digest")
    section = RUNBOOK.partition("## Health")[2].partition("\n## ")[0]
    table = section.partition("| field of `/ready` |")[2].partition("\n\n")[0]
    first_column = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    explained = [name for cell in first_column for name in re.findall(r"`(.*?)`", cell)]
    assert explained == list(Condition(dict.fromkeys(about)).ready().told)


def test_the_limit_of_liveness_is_the_one_on_the_page() -> None:
    assert f"`TENURE_COMMIT_WATCHDOG` + {SLACK:g} s" in RUNBOOK


def pasted() -> list[tuple[str, str]]:
    """Every call of `tenure` that a page shows, with the page."""
    found = []
    for page in PAGES:
        for line in page.read_text(encoding="utf-8").splitlines():
            call = re.fullmatch(
                r"(?:    |\$ )(?:\$ )?(?:[A-Z_]+=\S+ )*"
                r"(?:\.venv/bin/tenure|tenure|docker-compose run --rm (?:-T )?tenure) ([a-z].*)",
                line,
            )
            if call is not None and "COMMAND" not in line and page.name != "commands.md":
                found.append((page.name, call[1]))
    return found


def test_the_pages_show_calls() -> None:
    assert {"README.md", "compose.md"} <= {page for page, _ in pasted()}


@pytest.mark.parametrize("page, call", pasted())
def test_every_call_that_a_page_shows_is_one_that_the_program_takes(page: str, call: str) -> None:
    words = shlex.split(re.sub(r" +>.*", "", call), comments=True)
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands"):
        name, *words = words
        command = command.commands[name]
    command.make_parser(command.context_class(command)).parse_args(words)


def test_the_feed_that_the_readme_gives_to_live_workers_ends_today() -> None:
    (simulate,) = [call for page, call in pasted() if page == "README.md" and "--to-broker" in call]
    assert "--until-today" in simulate
