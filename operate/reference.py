"""docs/operating/commands.md, made from the command line, and the diagram in README.md.

`python -m operate.reference` writes both; with --check nothing is written, and the exit code is 1
if one of them is not what it should be.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import typer

from consumer.settings import Settings
from operate.cli import app
from operate.commands.config import shown
from operate.exits import MEANINGS
from operate.given import PREFIX
from operate.terminal import err, say
from statemachine.stages import diagram

_ROOT: Final = Path(__file__).parent.parent
README: Final = _ROOT / "README.md"
PAGE: Final = _ROOT / "docs" / "operating" / "commands.md"

_BEGIN: Final = "<!-- begin: drawn by `python -m operate.reference` -->"
_END: Final = "<!-- end -->"
_INTRODUCTION: Final = """\
# Commands

Made from the program by `python -m operate.reference`; a test keeps it fresh.

Every option can also be given as the environment variable beside it. Options go before the
environment, the environment before the file that `--config` names. What a command was asked for
goes to standard output, everything else to standard error, so that `> file` and `|` do what is
expected.
"""


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its full name, groups left out."""
    yield from _below("tenure", typer.main.get_command(app))


def options_of(name: str, command: Any) -> Iterator[tuple[Any, str]]:
    """The options of a command, each with its environment variable."""
    automatic = "_".join(name.replace("-", "_").upper().split())
    for parameter in command.params:
        if parameter.param_type_name == "option" and "--help" not in parameter.opts:
            yield parameter, str(parameter.envvar or f"{automatic}_{parameter.name.upper()}")


def page() -> str:
    """The whole page."""
    parts = [_INTRODUCTION, _exit_codes()]
    parts += [_command(name, command) for name, command in commands()]
    parts.append(_settings())
    return "\n".join(parts)


def readme(text: str) -> str:
    """README.md with the diagram as it is now. Raises ValueError if the place for it is gone."""
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"README.md has no place for the diagram: {_BEGIN} ... {_END}")
    return f"{before}{begin}\n```mermaid\n{diagram()}```\n{end}{after}"


def main(arguments: Sequence[str]) -> int:
    """Write both, or with --check say which is not fresh."""
    before = README.read_text(encoding="utf-8")
    wanted = {PAGE: page(), README: readme(before)}
    stale = [file for file, text in wanted.items() if _text_of(file) != text]
    if list(arguments) == ["--check"]:
        for file in stale:
            say(err(), f"{file} is not fresh; run: python -m operate.reference")
        return int(bool(stale))
    for file in stale:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(wanted[file], encoding="utf-8")
    return 0


def _text_of(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child_name, child in children.items():
        yield from _below(f"{name} {child_name}", child)


def _exit_codes() -> str:
    rows = [f"| {int(code)} | {meaning} |" for code, meaning in MEANINGS.items()]
    return "\n".join(["## Exit codes", "", "| code | meaning |", "|---|---|", *rows, ""])


def _command(name: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    usage = " ".join([name, "[OPTIONS]", *(_placeholder(one) for one in arguments)])
    lines = [f"## {name}", "", f"    {usage}", "", _text(command.help), ""]
    if arguments:
        lines += ["| argument | what it is |", "|---|---|"]
        lines += [f"| `{_placeholder(one)}` | {_cell(one.help)} |" for one in arguments]
        lines.append("")
    options = list(options_of(name, command))
    if options:
        lines += ["| option | environment | default | what it does |", "|---|---|---|---|"]
        lines += [_option(option, variable) for option, variable in options]
        lines.append("")
    if command.epilog:
        lines += [_text(command.epilog), ""]
    return "\n".join(lines)


def _option(option: Any, variable: str) -> str:
    value = "" if option.is_flag else f" {option.metavar}"
    names = ", ".join(f"`{name}`" for name in option.opts)
    return (
        f"| {names}{value.replace('|', ' or ')} | `{variable}` | {_default(option)}"
        f" | {_cell(option.help)} |"
    )


def _default(option: Any) -> str:
    if isinstance(option.show_default, str):
        return option.show_default
    if option.is_flag or option.default is None:
        return ""
    return f"`{option.default}`"


def _placeholder(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper())


def _cell(text: str | None) -> str:
    return _text(text).replace("\n", " ").replace("|", "\\|")


def _text(text: str | None) -> str:
    return (text or "").strip()


def _settings() -> str:
    lines = [
        "## Settings",
        "",
        "Of every process of Tenure; `tenure config show` prints them as they are. In the file of",
        "`--config` they have the same names in small letters, without the prefix.",
        "",
        "| variable | default | what it is |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        value = shown(field.default)
        default = "" if value in (None, "") else f"`{value}`"
        about = " ".join((field.description or "").split())
        lines.append(f"| `{PREFIX}{name.upper()}` | {default} | {about} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
