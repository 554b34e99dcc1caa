"""The two real logs, each with its policy, its feed and its oracle; read when first needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from operate.simulate.records import FeedRecord
from statemachine.policy import Policy
from statemachine.policy_file import read_policy
from tests.real_logs import berka, cdnow
from tests.real_logs.oracle import Oracle, Silences
from tests.real_logs.places import berka_folder, cdnow_file
from tests.real_logs.reference import Told, tell
from tests.real_logs.telling import Topics

_POLICIES = Path(__file__).parent / "policies"


@dataclass(eq=False)
class RealLog:
    """One real log: where it is, how it is told, and what became of everybody."""

    name: str
    path: Path
    tell_to: Callable[[Path, Topics | None], list[FeedRecord]]
    oracle_of: Callable[[Path], Oracle]

    @property
    def policy_file(self) -> Path:
        """The log's policy, made from the shipped one."""
        return _POLICIES / f"{self.name}.yaml"

    @cached_property
    def policy(self) -> Policy:
        """The same, read."""
        return read_policy(self.policy_file.read_text(encoding="utf-8"), self.policy_file.name)

    def feed(self, topics: Topics | None = None) -> list[FeedRecord]:
        """The log's records in merged order, for these topics."""
        return self.tell_to(self.path, topics)

    @cached_property
    def records(self) -> list[FeedRecord]:
        """The log's records on the default topics."""
        return self.feed()

    @cached_property
    def told(self) -> Told:
        """What the replay makes of it."""
        return tell(self.policy, self.records)

    def work_out(self) -> None:
        """Do the replay now, rather than when it is first asked for."""
        _ = self.told

    @cached_property
    def oracle(self) -> Oracle:
        """The raw files, for SQL."""
        return self.oracle_of(self.path)

    @cached_property
    def silences(self) -> Silences:
        """What SQL makes of the raw files."""
        return self.oracle.silences()


def the_berka_log() -> RealLog:
    """The Czech bank. Raises NotHereError."""
    return RealLog("berka", berka_folder(), berka.feed, Oracle.of_berka)


def the_cdnow_log() -> RealLog:
    """The music shop. Raises NotHereError."""
    return RealLog("cdnow", cdnow_file(), cdnow.feed, Oracle.of_cdnow)
