"""The page for feed teams says what the decoder does."""

import re
import sys
from pathlib import Path

import pytest

from consumer.decode import Decoded, decode_line
from consumer.rejection import REASONS, reasons_table

PAGE = Path(__file__).parents[2] / "docs" / "contracts" / "events.md"
BEGIN = "<!-- reasons: made from consumer/rejection.py -->\n"
END = "<!-- end of reasons -->"
REMEDY = "run: python tests/consumer/test_decode_docs.py"


def with_fresh_table(page: str) -> str:
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{reasons_table()}\n{END}{after}"


def test_the_table_of_reasons_is_fresh() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count(BEGIN) == page.count(END) == 1
    assert page == with_fresh_table(page), REMEDY


def test_every_reason_says_what_it_means_and_what_to_do() -> None:
    for code, about in REASONS.items():
        assert re.fullmatch("[a-z0-9_]+", code)
        assert about.meaning.endswith(".")
        assert about.remedy.endswith(".")
        assert "|" not in about.meaning + about.remedy


def examples() -> list[str]:
    return re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_there_are_examples() -> None:
    assert len(examples()) == 3


@pytest.mark.parametrize("written", examples())
def test_every_example_on_the_page_is_accepted(written: str) -> None:
    found = decode_line(written.encode(), 1, "events.md")
    assert isinstance(found, Decoded), found


if __name__ == "__main__":
    PAGE.write_text(with_fresh_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
