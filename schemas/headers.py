"""Headers in Tenure's own name: what travels beside a message and is not part of it.

Every field of such a message becomes one header `tenure_<field>`, as UTF-8 text; an empty field
becomes none. They come after the record's own headers. A record may have come with such headers
itself, as a dead letter does that is sent again, or with any bytes under these names: of a dead
letter only the last refusal counts, which begins with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from pydantic import Field, TypeAdapter

from schemas.base import Message
from schemas.outputs import DeadLetter

PREFIX: Final = "tenure_"


class Provenance(Message):
    """Where and when an output was decided: no part of the decision, and not the same in a replay.

    The headers of `tenure.stage-changes`.
    """

    partition: int = Field(description="The partition of the inputs, and of the journal.")
    batch: int = Field(description="The batch of that partition; its journal record has it too.")
    topic: str | None = Field(default=None, description="The causing event's topic.")
    offset: int | None = Field(default=None, description="The causing event's offset.")
    clock: int | None = Field(
        default=None, description="The partition's clock, milliseconds since 1970."
    )
    lateness: Literal["on_time", "late"] | None = Field(
        default=None, description="Whether the causing event was behind the clock."
    )
    worker_id: str | None = Field(default=None, description="Who decided.")


_DEAD_LETTER: Final = TypeAdapter(DeadLetter)
_FIRST: Final = PREFIX + next(iter(DeadLetter.model_fields))
_PROVENANCE: Final = TypeAdapter(Provenance)


def to_headers(message: DeadLetter | Provenance) -> tuple[tuple[str, bytes], ...]:
    """Write a message as headers, in the order of its fields."""
    fields = message.model_dump(exclude_none=True)
    return tuple((PREFIX + name, str(value).encode()) for name, value in fields.items())


def dead_letter_of(headers: Iterable[tuple[str, bytes | None]]) -> DeadLetter:
    """Read why a dead letter was refused last. Raises ValueError if the headers do not say so."""
    last: list[tuple[str, bytes | None]] = []
    for name, value in headers:
        if name == _FIRST:
            last.clear()
        last.append((name, value))
    return _DEAD_LETTER.validate_strings(_own(last))


def provenance_of(headers: Iterable[tuple[str, bytes | None]]) -> Provenance:
    """Read where an output was decided. Raises ValueError where the headers do not say so."""
    return _PROVENANCE.validate_strings(_own(headers))


def _own(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    return {
        name.removeprefix(PREFIX): value.decode()
        for name, value in headers
        if value is not None and name.startswith(PREFIX)
    }
