"""A worker as a process of its own, with its log in hand."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_MODULE = "tests.faults.worker"
_ROOT = Path(__file__).parents[2]


class WorkerProcess:
    """Started when made; ends with the test run at the latest."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        self.told_to_end = False
        self.started_at = time.monotonic()
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", _MODULE],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=_ROOT,
                env=dict(environment),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def ended_by_itself(self) -> bool:
        """Whether it ended although nobody told it to."""
        return not self.runs and not self.told_to_end

    def kill(self) -> None:
        """SIGKILL, if it still runs."""
        self.told_to_end = True
        if self.runs:
            self._process.kill()
        self._process.wait()

    def stop(self, seconds: float = 30) -> int:
        """SIGTERM; its exit code."""
        self.told_to_end = True
        self._process.terminate()
        return self._process.wait(seconds)

    def freeze(self) -> None:
        """SIGSTOP: it stands still, its connections stay open."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._process.send_signal(signal.SIGCONT)

    def wait(self, seconds: float = 60) -> int:
        """Wait until it ends by itself (or at its crash point); its exit code."""
        self.told_to_end = True
        return self._process.wait(seconds)

    def memory(self) -> float:
        """Its resident memory in MB."""
        told = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, check=True
        )
        return int(told.stdout) / 1024

    def open_files(self) -> int:
        """How many files and connections it has open; 0 where the system does not tell."""
        folder = Path(f"/proc/{self.pid}/fd")
        return len(list(folder.iterdir())) if folder.is_dir() else 0

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """Its log by now, or the lines of one event; what is no JSON comes as {"text": ...}."""
        found: list[dict[str, Any]] = []
        for line in self.log.read_bytes().decode(errors="replace").splitlines():
            try:
                told = json.loads(line)
            except ValueError:
                told = {"text": line}
            if isinstance(told, dict) and (event is None or told.get("event") == event):
                found.append(told)
        return found

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3_000:]
