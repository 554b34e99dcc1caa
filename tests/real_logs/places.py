"""Where the real logs are; none of them is part of this project.

Berka, the first 15 months of a Czech bank (PKDD'99 challenge): in $TENURE_SHARED_DATA, or else in
../shared/data beside this project's folder. CDNOW, 18 months of purchases at a music shop: in the
package lifetimes, which `make install` installs for this file alone.

At a desk without them the tests are skipped, each saying so in one line; in CI they fail.
"""

import importlib.util
import os
from pathlib import Path
from typing import NoReturn

import pytest

_ROOT = Path(__file__).resolve().parents[2]


class NotHereError(Exception):
    """A real log is not on this machine; the message says how to get it."""


def berka_folder() -> Path:
    """The folder of the Berka files. Raises NotHereError."""
    shared = Path(os.environ.get("TENURE_SHARED_DATA") or _ROOT.parent / "shared" / "data")
    folder = shared / "berka_1993_1994"
    if not (folder / "trans.asc").is_file():
        raise NotHereError(
            "needs the Berka log: set TENURE_SHARED_DATA to the folder of berka_1993_1994"
        )
    return folder


def cdnow_file() -> Path:
    """The CDNOW master file, found without importing the package. Raises NotHereError."""
    package = importlib.util.find_spec("lifetimes")
    folders = [] if package is None else list(package.submodule_search_locations or ())
    for folder in folders:
        file = Path(folder) / "datasets" / "CDNOW_master.txt"
        if file.is_file():
            return file
    raise NotHereError("needs the CDNOW log: run make install (requirements-data.lock)")


def missing(reason: NotHereError) -> NoReturn:
    """End the test: skipped at a desk, failed in CI."""
    if os.environ.get("CI"):
        pytest.fail(str(reason), pytrace=False)
    pytest.skip(str(reason))
