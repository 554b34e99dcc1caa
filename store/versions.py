"""Versions of what is stored: a newer release reads what an older one wrote.

Every stored value begins with one byte, the version of its schema (1 to 127, which is also that
number in MessagePack). A value of an older version is migrated when it is read, one version at a
time, and stored again in the newest version when it is next written: no migration run, no pause.
A value of a newer version is refused, because an older release would drop what it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from store.port import StateTooNew

Migration = Callable[[Any], Any]
"""Turns the plain decoded value (lists, dicts, numbers) of version n into that of version n + 1."""


def upgrade(
    what: str, version: int, plain: Any, newest: int, migrations: Mapping[int, Migration]
) -> Any:
    """`plain`, stored as `version`, in the shape of version `newest`.

    Raises StateTooNew when `version` is newer, ValueError when a migration is missing.
    """
    if version > newest:
        raise StateTooNew(
            f"{what} was written in version {version} of its schema and this release knows up to "
            f"{newest}: run the release that wrote it, or a newer one"
        )
    while version < newest:
        migration = migrations.get(version)
        if migration is None:
            raise ValueError(f"{what}: no migration from version {version} to {version + 1}")
        plain = migration(plain)
        version += 1
    return plain
