"""The figures of docs/real-logs.md, and what they say of counting own activity."""

import pytest

from tests.real_logs import figures
from tests.real_logs.logs import RealLog
from tests.real_logs.report import PAGE, page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_counting_own_activity_finds_the_silences_that_counting_everything_misses(
    berka_log: RealLog,
) -> None:
    own, everything = figures.berka(berka_log)
    assert (own.postings, own.raised) == (24_015, 288)
    assert (everything.postings, everything.raised) == (49_102, 0)


def test_every_pause_in_the_bank_is_a_silence_or_is_explained(berka_log: RealLog) -> None:
    assert figures.pauses(berka_log) == figures.Pauses(
        of_90_ended=259,
        of_90_exactly=14,
        of_90_open=56,
        in_a_silence=13,
        while_lost=0,
        raised=259 - 14 + 56 - 13,
    )


def test_every_pause_in_the_shop_is_a_silence_or_is_explained(cdnow_log: RealLog) -> None:
    found = figures.pauses(cdnow_log)
    pauses = found.of_90_ended - found.of_90_exactly + found.of_90_open
    assert found.raised == pauses - found.in_a_silence - found.while_lost


def test_the_page_says_what_the_logs_say_now(berka_log: RealLog, cdnow_log: RealLog) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text, berka_log, cdnow_log) == text, "run: python -m tests.real_logs.report"
