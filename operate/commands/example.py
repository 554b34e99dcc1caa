"""`tenure example`: one valid event of a type, to copy from."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from operate.commands.options import examples
from operate.events import known_type
from operate.terminal import out, say
from schemas.events import EVENTS
from schemas.examples import example as example_of
from schemas.examples import type_names

EPILOG = examples(
    "tenure example   # all the types there are",
    "tenure example transaction.posted",
    "tenure example account.opened --compact >> events.jsonl",
)


def example(
    kind: Annotated[
        str | None,
        typer.Argument(metavar="[TYPE]", help="An event type, such as transaction.posted."),
    ] = None,
    compact: Annotated[
        bool, typer.Option("--compact", help="On one line, as a feed writes it.")
    ] = False,
) -> None:
    """Print one valid event of a type as canonical JSON; without a type, list the types."""
    if kind is None:
        for name in type_names():
            event = EVENTS.validate_python(example_of(name), strict=False)
            about = (type(event).__doc__ or "").partition("\n")[0]
            say(out(), f"{name:24} {about}")
        return
    event_json = example_of(known_type(kind))
    text = (
        json.dumps(event_json, ensure_ascii=False, separators=(",", ":"))
        if compact
        else json.dumps(event_json, ensure_ascii=False, indent=2)
    )
    say(out(), text)
