"""ISO 4217."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
