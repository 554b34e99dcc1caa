import re
import subprocess
import sys
from pathlib import Path

from statemachine.docs import STAGE_NAMES, TRIGGER_WORDS, WAY_WORDS, stages_page
from statemachine.stages import MOVES, STAGES, TRIGGERS, diagram
from tests.statemachine.cells_table import CODES

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_on_stages_is_what_the_table_says() -> None:
    written = (DOCS / "stages.md").read_text(encoding="utf-8")
    assert written == stages_page(), "run: python -m statemachine.docs > docs/stages.md"


def test_the_command_in_the_page_writes_the_page() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "statemachine.docs"],
        check=True,
        capture_output=True,
        encoding="utf-8",
        cwd=DOCS.parent,
        env={"PYTHONIOENCODING": "utf-8"},
    )
    assert made.stdout == stages_page()


def test_every_stage_trigger_and_way_has_its_words() -> None:
    assert tuple(STAGE_NAMES) == STAGES
    assert tuple(TRIGGER_WORDS) == TRIGGERS
    assert set(WAY_WORDS) == {way for _, _, way in CODES.values() if way}


def test_every_row_is_in_the_table_and_in_the_diagram_once() -> None:
    page, drawn = stages_page(), diagram().splitlines()
    rows = [line for line in page.splitlines() if line.startswith("| ") and line.count("|") == 5]
    assert len(rows) == len(MOVES) + 2
    assert len(drawn) == len(set(drawn)) == len(MOVES) + 1
    for move in MOVES:
        source = "[*]" if move.source is None else move.source
        assert any(f"{source} --> {move.target}: {move.kind}" in line for line in drawn)


def test_the_diagram_says_how_a_customer_is_lost_and_what_a_row_asks() -> None:
    assert "    at_risk --> active: recovered / reasons cleared [been active]\n" in diagram()
    assert "    lost --> new: won_back / relationship opened [by closure or silence]\n" in diagram()
    assert "    at_risk --> lost: left (silence) / lost limit passed\n" in diagram()


def test_every_decision_names_tests_that_there_are() -> None:
    page = (DOCS / "domain" / "decisions.md").read_text(encoding="utf-8")
    sources = Path(__file__).parent.glob("test_*.py")
    there = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    named = re.findall(r"`(test_\w+)`", page)
    assert len(named) > 60
    assert [name for name in named if f"def {name}(" not in there] == []
