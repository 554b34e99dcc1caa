"""One simulated feed, folded by the product and judged by the SQL, once for the whole file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from operate.simulate import Plan
from statemachine.policy import Policy
from statemachine.policy_file import default_policy
from tests.oracle.compare import Compared, compare
from tests.oracle.database import Oracle
from tests.oracle.explain import Explained, explain
from tests.oracle.feed import Folded, days_of, fold, oracle_over, write_parts
from tests.oracle.numbers import RULES, numbers_of

PLAN = Plan(customers=1_000, days=1_095, seed=1)


@dataclass(frozen=True, slots=True)
class Judged:
    """Both sides of it."""

    policy: Policy
    told: Folded
    oracle: Oracle
    compared: Sequence[Compared]
    explained: Explained

    def with_numbers(self, rule: str, **numbers: object) -> Compared:
        """One rule again, with wrong numbers in the SQL."""
        right = numbers_of(self.policy)
        self.oracle.set(**numbers)
        try:
            found = self.oracle.reasons([rule])
        finally:
            self.oracle.set(**{name: right[name] for name in numbers})
        return compare([rule], self.told.reasons, found)[0]


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """A thousand customers for three years, under the shipped policy."""
    policy = default_policy()
    folder = tmp_path_factory.mktemp("oracle") / "feed"
    (part,) = write_parts(PLAN, folder)
    told = fold(policy, part)
    oracle = oracle_over(policy, folder, told, *days_of(PLAN))
    compared = compare(RULES, told.reasons, oracle.reasons())
    explained = explain(policy, folder, compared, *days_of(PLAN))
    return Judged(policy, told, oracle, compared, explained)
