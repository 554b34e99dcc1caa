"""Where commands write: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

_PIPE_WIDTH = 160
"""Columns where there is no terminal to ask."""


def out() -> Console:
    """For what the command was asked for."""
    return _console(stderr=False)


def err() -> Console:
    """For progress, summaries and complaints."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def say(console: Console, text: str, style: str | None = None) -> None:
    """Write one line as it is: no markup, never broken."""
    console.print(text, style=style, markup=False, soft_wrap=True)


def say_json(value: Mapping[str, Any]) -> None:
    """Write one object as one line of JSON to standard output."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    console = out()
    console.file.write(text + "\n")
    console.file.flush()


def plain_table(*headings: str, title: str | None = None) -> Table:
    """A table without lines around it; headings that begin with '>' are of numbers."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        number = heading.startswith(">")
        table.add_column(heading.removeprefix(">"), justify="right" if number else "left")
    return table
