"""Writes the published contracts: `python -m schemas.generate`, or `--check` that they are fresh.

json-schema/*.json, asyncapi.yaml and types.md in docs/contracts are made from the models, and from
nothing else: no dates, no versions of tools, the same bytes everywhere.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from schemas.asyncapi import asyncapi
from schemas.json_schema import json_schemas
from schemas.plain_yaml import plain_yaml
from schemas.types_page import types_page

CONTRACTS: Final = Path(__file__).parent.parent / "docs" / "contracts"
_FIRST_LINE: Final = "# Made by `python -m schemas.generate`; edit the models, not this file.\n"


def contract_files() -> dict[str, str]:
    """Return the text of every generated file by its path below docs/contracts."""
    files = {
        f"json-schema/{name}.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in json_schemas().items()
    }
    files["asyncapi.yaml"] = _FIRST_LINE + plain_yaml(asyncapi())
    files["types.md"] = types_page()
    return files


def stale_files(directory: Path) -> list[str]:
    """Return the generated files below `directory` that are not what the models say."""
    wanted = contract_files()
    made = [
        *directory.glob("json-schema/*.json"),
        directory / "asyncapi.yaml",
        directory / "types.md",
    ]
    found = {
        str(path.relative_to(directory)): path.read_text(encoding="utf-8")
        for path in made
        if path.is_file()
    }
    names = wanted.keys() | found.keys()
    return sorted(name for name in names if wanted.get(name) != found.get(name))


def write_files(directory: Path) -> list[str]:
    """Bring `directory` up to date and return what changed."""
    wanted, stale = contract_files(), stale_files(directory)
    for name in stale:
        path = directory / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8")
        else:
            path.unlink()
    return stale


def main(arguments: Sequence[str]) -> int:
    """Write the files, or with `--check` only compare: 1 if any is stale."""
    if list(arguments) not in ([], ["--check"]):
        sys.stderr.write("usage: python -m schemas.generate [--check]\n")
        return 2
    check = bool(arguments)
    stale = stale_files(CONTRACTS) if check else write_files(CONTRACTS)
    for name in stale:
        sys.stdout.write(f"{'stale' if check else 'wrote'} docs/contracts/{name}\n")
    if check and stale:
        sys.stdout.write("run: python -m schemas.generate\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
