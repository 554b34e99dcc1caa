"""The fuzzer can fail: bugs put into the product are all found, and what fails is made smaller."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.__main__ import main
from tests.fuzz.planted import BUGS, the_decoder_raises_for_one_type
from tests.fuzz.run import Failed, fuzz
from tests.fuzz.saved import load

MOST_RECORDS = 40_000


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    BUGS[name](monkeypatch)
    with pytest.raises(Failed):
        fuzz(MOST_RECORDS, 1, print)


def test_what_fails_is_made_smaller_printed_and_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    the_decoder_raises_for_one_type(monkeypatch)
    path = tmp_path / "failure.json"
    monkeypatch.setattr("sys.argv", ["fuzz", "--records", "9000", "--save-to", str(path)])
    assert main() == 1
    said = capsys.readouterr().out
    assert "KeyError: 'payroll.ended'" in said
    assert "make fuzz RECORDS=9000 SEED=1" in said
    (record,) = load(path).records
    assert str(record.key) in said
    monkeypatch.setattr("sys.argv", ["fuzz", "--case", str(path)])
    assert main() == 1
