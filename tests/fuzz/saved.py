"""A case as a file, so that what failed can be run again wherever it is."""

from __future__ import annotations

from pathlib import Path

import msgspec

from consumer.records import InputRecord
from tests.fuzz.cases import Case, placed
from tests.fuzz.setups import Setup


class _Saved(msgspec.Struct):
    setup: Setup
    records: tuple[InputRecord, ...]


def save(case: Case, path: Path) -> None:
    """Write a case as JSON; keys, values and headers in base64."""
    path.write_bytes(msgspec.json.encode(_Saved(case.setup, case.records)))


def load(path: Path) -> Case:
    """The case of a file. Raises ValueError if it is none."""
    found = msgspec.json.decode(path.read_bytes(), type=_Saved)
    return Case(found.setup, tuple(placed(iter(found.records))))
