"""A case that fails, made smaller: fewer records, then less in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from consumer.records import InputRecord
from tests.fuzz.cases import Case, placed
from tests.fuzz.check import checked

T = TypeVar("T")
_MOST_TRIES = 4_000


def failure(of: Case) -> str | None:
    """What is wrong with a case; None if nothing is."""
    try:
        checked(of)
    except Exception as wrong:  # noqa: BLE001 - whatever it is, it is what was looked for
        return f"{type(wrong).__name__}: {wrong}"
    return None


def smaller(of: Case) -> Case:
    """A case that fails with the same kind of error, and as little as can be left of it."""
    return _Smaller(of).made()


class _Smaller:
    def __init__(self, of: Case) -> None:
        self.case = of
        self.kind = _kind(failure(of))
        self.tries = 0

    def made(self) -> Case:
        self._keep(least(self.case.records, self._fails))
        for place in range(len(self.case.records)):
            self._shorten(place)
        return self.case

    def _shorten(self, place: int) -> None:
        record = self.case.records[place]
        headers = least(record.headers, lambda less: self._with(place, headers=tuple(less)))
        self._change(place, headers=tuple(headers))
        if record.value is not None:
            value = least(list(record.value), lambda less: self._with(place, value=bytes(less)))
            self._change(place, value=bytes(value))

    def _keep(self, records: Sequence[InputRecord]) -> None:
        self.case = replace(self.case, records=tuple(placed(iter(records))))

    def _changed(self, place: int, fields: dict[str, Any]) -> list[InputRecord]:
        records = list(self.case.records)
        records[place] = msgspec.structs.replace(records[place], **fields)
        return records

    def _change(self, place: int, **fields: Any) -> None:
        self._keep(self._changed(place, fields))

    def _with(self, place: int, **fields: Any) -> bool:
        return self._fails(self._changed(place, fields))

    def _fails(self, records: Sequence[InputRecord]) -> bool:
        self.tries += 1
        if self.tries > _MOST_TRIES:
            return False
        less = replace(self.case, records=tuple(placed(iter(records))))
        return bool(records) and _kind(failure(less)) == self.kind


def least(items: Sequence[T], fails: Callable[[list[T]], bool]) -> list[T]:
    """As few of the items as fail still: ever smaller stretches are left out."""
    kept, size = list(items), len(items)
    while size:
        begin = 0
        while begin < len(kept):
            less = kept[:begin] + kept[begin + size :]
            if fails(less):
                kept = less
            else:
                begin += size
        size //= 2
    return kept


def _kind(wrong: str | None) -> str | None:
    """What a failure is, without what changes with its records: its first two words."""
    return None if wrong is None else " ".join(wrong.split()[:3])
