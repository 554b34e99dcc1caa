"""The oracle itself: the SQL files of sql/, run over a feed's file by DuckDB."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from statemachine.policy import Policy
from tests.oracle.numbers import RULES, numbers_of
from tests.oracle.reasons import Reason, StageChange

_SQL = Path(__file__).parent / "sql"
_SHARED = ("events", "spells", "relations", "pauses", "activity", "assets")


class Oracle:
    """One feed in a database, and the reasons that SQL finds in it."""

    def __init__(
        self,
        policy: Policy,
        feed: str,
        stage_changes: Iterable[StageChange],
        *,
        first_day: date,
        horizon: datetime,
    ) -> None:
        """`feed`: its files, as a pattern; `horizon`: when they are complete, in bank time."""
        self._database = duckdb.connect()
        self._rules = [name for name in RULES if policy.rules.entry(name) is not None]
        self.set(feed=feed, first_day=first_day, horizon=horizon)
        self.set(**numbers_of(policy))
        self._load(stage_changes)
        for name in _SHARED:
            self._run(name)

    def set(self, **variables: Any) -> None:
        """Set variables of the SQL, such as one number of the policy to something wrong."""
        for name, value in variables.items():
            self._database.execute(f"set variable {name} = $1", [value])

    def reasons(self, rules: Iterable[str] | None = None) -> list[Reason]:
        """Every reason of these rules (None: of all that are on), sorted."""
        found: list[Reason] = []
        for name in self._rules if rules is None else rules:
            if name == "not_onboarded":
                self._run("activation")
            self._run(name)
            self._run("pass")
            rows = self.rows("select customer, raised_at, cleared_at from reason")
            found += [Reason(customer, name, *times) for customer, *times in rows]
        return sorted(found, key=str)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query over the tables of sql/."""
        return self._database.sql(sql).fetchall()

    def _load(self, stage_changes: Iterable[StageChange]) -> None:
        self._database.execute(
            "create temp table stage_change (customer varchar, n int, happened timestamp,"
            " from_stage varchar, to_stage varchar, kind varchar)"
        )
        rows = list(stage_changes)
        columns = list(zip(*rows, strict=True))
        self._database.execute(
            "insert into stage_change select unnest($1::varchar[]), unnest($2::int[]),"
            " unnest($3::timestamp[]), unnest($4::varchar[]), unnest($5::varchar[]),"
            " unnest($6::varchar[])",
            [list(column) for column in columns],
        )

    def _run(self, name: str) -> None:
        script = (_SQL / f"{name}.sql").read_text(encoding="utf-8")
        try:
            self._database.execute(script)
        except duckdb.Error as wrong:
            wrong.add_note(f"in {name}.sql")
            raise
