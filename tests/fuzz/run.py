"""Many cases, drawn by Hypothesis, until so many records were offered."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.cases import CHOICE_BYTES, Case, case_of
from tests.fuzz.check import checked

CASES = st.binary(min_size=CHOICE_BYTES, max_size=CHOICE_BYTES).map(case_of)
"""Any case."""
CASES_IN_A_ROUND = 50
_SPOKEN = 60.0
"""Seconds between two words of how far it is."""


class Failed(Exception):
    """A case that shows something wrong."""

    def __init__(self, case: Case, wrong: Exception) -> None:
        super().__init__(f"{type(wrong).__name__}: {wrong}")
        self.case = case
        self.__cause__ = wrong


def fuzz(records: int, first_seed: int, tell: Callable[[str], None]) -> Counter[str]:
    """Offer exactly so many records, and count what came of them. Raises Failed.

    Each round of cases has a seed of its own, so that Hypothesis remembers no more than a round.
    """
    counts: Counter[str] = Counter()
    spoken = time.monotonic()
    for number in range(first_seed, first_seed + records):
        left = records - counts["offered"]
        if not left:
            break
        counts.update(_round(number, left))
        if time.monotonic() - spoken > _SPOKEN:
            spoken = time.monotonic()
            tell(f"{counts['offered']:,} records, rounds {first_seed} to {number}: all well")
    return counts


def _round(number: int, records: int) -> Counter[str]:
    """At most so many records, in cases that only the round's number decides."""
    counts: Counter[str] = Counter()
    failed: list[Failed] = []

    @seed(number)
    @settings(
        max_examples=CASES_IN_A_ROUND,
        phases=[Phase.generate],  # what fails is made smaller by smaller.py, record by record
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(CASES)
    def run(case: Case) -> None:
        case = replace(case, records=case.records[: records - counts["offered"]])
        if not case.records or failed:
            return
        try:
            counts.update(checked(case))
        except Exception as wrong:  # noqa: BLE001 - whatever it is, it is what is looked for
            failed.append(Failed(case, wrong))

    run()
    for one in failed:
        raise one
    return counts
