"""Whatever the records are, each is accepted or dead-lettered, and the counts are equal."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumer.rejection import REASONS
from schemas.examples import type_names
from tests.fuzz.__main__ import main
from tests.fuzz.cases import Case, case_of
from tests.fuzz.check import checked
from tests.fuzz.events import TYPES
from tests.fuzz.report import table
from tests.fuzz.run import fuzz
from tests.fuzz.saved import load, save
from tests.fuzz.setups import Setup

RECORDS = 20_000


@pytest.mark.slow
def test_twenty_thousand_records_are_accepted_or_dead_lettered() -> None:
    counts = fuzz(RECORDS, 1, print)
    assert counts["offered"] == RECORDS == counts["accepted"] + counts["dead-lettered"]
    assert counts["accepted"] > RECORDS // 3
    assert counts["dead-lettered"] > RECORDS // 5
    assert {reason for reason in REASONS if not counts[f"reason {reason}"]} == set()
    for outcome in ("short way", "duplicates", "late", "held", "recovered", "swept", "said"):
        assert counts[outcome], outcome
    assert f"= {RECORDS:,}: equal" in table(counts)


def test_the_same_seed_offers_the_same_records() -> None:
    assert fuzz(500, 7, print) == fuzz(500, 7, print) != fuzz(500, 8, print)


def test_every_type_of_event_is_told() -> None:
    assert set(TYPES) == set(type_names())


def test_bytes_that_say_nothing_are_a_case_too() -> None:
    case = case_of(b"")
    assert checked(case)["accepted"] == len(case.records) == 1


def test_a_saved_case_is_read_back_and_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = case_of(bytes(range(256)) * 8)
    save(case, tmp_path / "case.json")
    found = load(tmp_path / "case.json")
    assert isinstance(found, Case)
    assert isinstance(found.setup, Setup)
    assert (found.setup, found.records) == (case.setup, case.records)
    monkeypatch.setattr("sys.argv", ["fuzz", "--case", str(tmp_path / "case.json")])
    assert main() == 0
    assert capsys.readouterr().out == "all well\n"
