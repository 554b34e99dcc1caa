"""How a command ends when it cannot do what it was asked: one line with the remedy, and a code.

What is not listed here is a defect of ours: it ends with its traceback and code 1.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from kafka.errors import KafkaError

from consumer import ports
from consumer.health import PortUnusable
from consumer.kafka.source import UnequalAssignmentError
from consumer.kafka.topics import ContractError
from consumer.recovery import RefusedToStart
from operate.servers import ServerError
from statemachine.policy_file import PolicyError
from store import port as store


class Exit(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    DEFECT = 1
    USAGE = 2
    WORLD = 3
    GIVEN = 4
    NOT_FOUND = 5
    REFUSED = 6
    SUPERSEDED = 7
    NOT_READY = 8
    HUNG = 75
    INTERRUPTED = 130


MEANINGS: Final[dict[Exit, str]] = {
    Exit.DONE: "It did what it was asked.",
    Exit.DEFECT: "A defect of Tenure's: the traceback says where. Nothing is lost; please report.",
    Exit.USAGE: "An unknown command or option, or a value that does not fit; see `--help`.",
    Exit.WORLD: "Kafka, Redis or a server of the demo cannot be reached, or refuses the user. "
    "`tenure run` waits for them; every other command ends at once.",
    Exit.GIVEN: "A setting, a policy or a file is not right; the line says which and where.",
    Exit.NOT_FOUND: "What was asked for is not there, such as an unknown customer.",
    Exit.REFUSED: "The topics or the remembered state are not what the service needs; the line "
    "names the choices.",
    Exit.SUPERSEDED: "Another worker runs under the same worker id.",
    Exit.NOT_READY: "`tenure health`: the worker answers, and does not serve; the lines say why.",
    Exit.HUNG: "A commit hung for longer than `TENURE_COMMIT_WATCHDOG`, and the worker ended "
    "itself. Start it again: it recovers. (75 is EX_TEMPFAIL of sysexits.h.)",
    Exit.INTERRUPTED: "Ended by Ctrl-C.",
}
"""What each code means, for the docs."""


class Ended(Exception):
    """A command cannot go on; the message is what its user reads."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code


class Ending(NamedTuple):
    """How to end: the lines for standard error, and the code."""

    code: Exit
    lines: list[str]


_CODES: Final[tuple[tuple[type[Exception], Exit], ...]] = (
    (ports.Unavailable, Exit.WORLD),
    (store.Unavailable, Exit.WORLD),
    (ServerError, Exit.WORLD),
    (KafkaError, Exit.WORLD),
    (PolicyError, Exit.GIVEN),
    (PortUnusable, Exit.GIVEN),
    (ContractError, Exit.REFUSED),
    (RefusedToStart, Exit.REFUSED),
    (UnequalAssignmentError, Exit.REFUSED),
    (store.StateTooNew, Exit.REFUSED),
    (ports.Superseded, Exit.SUPERSEDED),
    (store.Fenced, Exit.SUPERSEDED),
)


def ending_of(error: Exception) -> Ending | None:
    """How a command that met this error ends; None: it is a defect."""
    if isinstance(error, Ended):
        return Ending(error.code, str(error).splitlines())
    if isinstance(error, OSError) and error.filename is not None:
        return Ending(Exit.GIVEN, [f"{error.filename}: {error.strerror or error}"])
    for kind, code in _CODES:
        if isinstance(error, kind):
            return Ending(code, _lines(error))
    return None


def _lines(error: Exception) -> list[str]:
    text = str(error) or type(error).__name__
    if isinstance(error, KafkaError):
        return [
            f"Kafka refuses: {text}: check the address, TLS, user and rights (`tenure config show`)"
        ]
    return text.splitlines()
