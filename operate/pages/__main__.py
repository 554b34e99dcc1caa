"""`python -m operate.pages` writes the pages; with --check it only says which are not fresh."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from operate.pages.pages import pages
from operate.pages.texts import TextMissing

DOCS: Final = Path(__file__).parents[2] / "docs"
_MADE: Final = ("README.md", "settings.md", "stages/*.md", "rules/*.md")


def stale(docs: Path) -> dict[Path, str | None]:
    """The pages below `docs` that are not what they should be; None: should not be there."""
    wanted: dict[Path, str | None] = {docs / path: text for path, text in pages().items()}
    for pattern in _MADE:
        for folder in (docs / "domain", docs / "domain" / "zh"):
            wanted |= {file: None for file in folder.glob(pattern) if file not in wanted}
    return {file: text for file, text in wanted.items() if _text_of(file) != text}


def main(arguments: Sequence[str], docs: Path = DOCS) -> int:
    """Write what is not fresh, or with --check say what that is; 1 if something is wrong."""
    try:
        found = stale(docs)
    except TextMissing as missing:
        sys.stderr.write(f"operate/pages/{missing}\n")
        return 1
    if list(arguments) == ["--check"]:
        for file in found:
            sys.stderr.write(f"{file} is not fresh; run: make docs\n")
        return int(bool(found))
    for file, text in found.items():
        if text is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return 0


def _text_of(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
