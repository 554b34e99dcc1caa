"""The same on the real logs, for the rules that their facts allow.

Berka and CDNOW tell of accounts and postings: who did them, and when. That is enough for silence,
not_onboarded and decline. Neither tells balances as reports (Berka's stand on its postings),
salaries, feedback, scores, maturities or the core's flags, so the other rules have nothing to say.
The logs' own tests hold silences against SQL over the raw files; here decline is switched on, and
the SQL reads the events that were made of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from operate.simulate.records import FeedRecord
from statemachine.policy import Policy
from tests.oracle.compare import Compared, compare
from tests.oracle.feed import oracle_over, told_in
from tests.real_logs import berka, cdnow
from tests.real_logs.conftest import berka_log, cdnow_log
from tests.real_logs.logs import RealLog
from tests.real_logs.reference import tell

__all__ = ["berka_log", "cdnow_log"]  # fixtures are found by their names

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_RULES = ("silence", "not_onboarded", "decline")


def test_berka(berka_log: RealLog, tmp_path: Path) -> None:
    compared = _compared(berka_log, tmp_path, date(1993, 1, 1), berka.LAST_DAY)
    assert _differences(compared) == []
    assert {one.rule: one.same for one in compared} == {
        "silence": 288,
        "not_onboarded": 288,
        "decline": 25,
    }


def test_cdnow(cdnow_log: RealLog, tmp_path: Path) -> None:
    compared = _compared(cdnow_log, tmp_path, date(1997, 1, 1), cdnow.LAST_DAY)
    assert _differences(compared) == []
    assert {one.rule: one.same for one in compared} == {
        "silence": 25_249,
        "not_onboarded": 20_819,
        "decline": 51,
    }


@pytest.mark.parametrize(
    "rule, number, wrong",
    [
        ("silence", "silence_after", 91),
        ("not_onboarded", "onboarding_window", 91),
        ("decline", "decline_raise", 39),
    ],
)
def test_a_number_that_is_wrong_shows(
    berka_log: RealLog,
    tmp_path: Path,
    rule: str,
    number: str,
    wrong: int,
) -> None:
    compared = _compared(berka_log, tmp_path, date(1993, 1, 1), berka.LAST_DAY, **{number: wrong})
    assert {one.rule for one in compared if one.differences} == {rule}


def _compared(
    log: RealLog, folder: Path, first_day: date, last_day: date, **wrong: Any
) -> list[Compared]:
    policy = _with_decline(log.policy)
    told = told_in(tell(policy, log.records).outputs.values(), ZoneInfo(policy.zone))
    _write(log.records, folder / "log.jsonl")
    horizon = datetime.combine(last_day, time()) + timedelta(days=1)
    oracle = oracle_over(policy, folder, told, first_day, horizon)
    oracle.set(**wrong)
    return compare(_RULES, told.reasons, oracle.reasons())


def _with_decline(policy: Policy) -> Policy:
    values = policy.model_dump(mode="json")
    values["rules"]["decline"] = {}
    return Policy.model_validate(values)


def _write(records: Iterable[FeedRecord], file: Path) -> None:
    file.write_bytes(b"".join(record.value + b"\n" for record in records))


def _differences(compared: Iterable[Compared]) -> list[str]:
    return [str(one) for each in compared for one in each.differences]
