"""The silences of the raw files, by SQL alone (silences.sql): no code of Tenure is involved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, order=True)
class Silence:
    """One silence: when it was due, and when and how it ended ('' and None: it has not)."""

    customer: str
    due: date
    ended_on: date | None
    ended_by: str


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """One customer lost by silence, and when they were won back (None: they were not)."""

    customer: str
    lost_on: date
    won_back_on: date | None


@dataclass(frozen=True, slots=True)
class Silences:
    """All of a log, in order of customer and date."""

    silences: list[Silence]
    losses: list[Loss]


class Oracle:
    """A database with the raw days of one log."""

    def __init__(self) -> None:
        self._database = duckdb.connect()

    @classmethod
    def of_berka(cls, folder: Path) -> Oracle:
        """From the raw Berka files."""
        oracle = cls()
        for table in ("trans", "account", "disp"):
            oracle._database.read_csv(
                str(folder / f"{table}.asc"), sep=";", header=True, all_varchar=True
            ).create(table)
        oracle._run("berka_raw.sql")
        return oracle

    @classmethod
    def of_cdnow(cls, file: Path) -> Oracle:
        """From the raw CDNOW file."""
        oracle = cls()
        oracle._database.read_csv(
            str(file), sep="|", header=False, skiprows=1, all_varchar=True, names=["line"]
        ).create("purchase")
        oracle._run("cdnow_raw.sql")
        return oracle

    def silences(self) -> Silences:
        """Every silence and every loss by silence."""
        self._run("silences.sql")
        silences = self.rows("select customer, due, ended_on, coalesce(ended_by, '') from silences")
        losses = self.rows("select customer, lost_on, won_back_on from returns_of_the_lost")
        return Silences(
            sorted(Silence(*row) for row in silences),
            sorted(Loss(*row) for row in losses),
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query over the tables above."""
        return self._database.sql(sql).fetchall()

    def _run(self, script: str) -> None:
        self._database.execute((_HERE / script).read_text(encoding="utf-8"))
