"""The workers: `tenure run`, as processes that can be killed, frozen and told other policies."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from operate.exits import Exit
from operate.servers import Server

_SHOWN = 300
_TENURE = """
import faulthandler, logging, signal
from operate.cli import main
faulthandler.register(signal.SIGUSR1)
logging.getLogger("kafka.coordinator").setLevel(logging.INFO)
main()
"""
"""`tenure`, which on SIGUSR1 writes into its log where each of its threads is; and what the client
says of its group is in the log too."""
_DEFECTS = 3
_ROOT = Path(__file__).resolve().parents[2]


class WorkerServer(Server):
    """One worker, under one id over all its starts; `settings` are TENURE_... without prefix."""

    name = "a worker"
    stop_seconds = 40

    def __init__(self, worker_id: str, settings: Mapping[str, str], folder: Path) -> None:
        super().__init__(folder=folder)
        self.worker_id = worker_id
        self.settings = dict(settings)
        self.told_to_end = True
        self._log_began = 0

    def run(self, policy: Path, *, accept: bool) -> None:
        """Start it under a policy file; return at once."""
        self.settings["policy_file"] = str(policy)
        self.settings["accept_policy"] = str(accept).lower()
        self.told_to_end = False
        self._log_began = self.log.stat().st_size if self.log.exists() else 0
        self.launch()

    def kill(self) -> None:
        """SIGKILL."""
        self.told_to_end = True
        super().kill()

    def end(self) -> int:
        """SIGTERM, and its exit code."""
        self.told_to_end = True
        self.stop()
        return self.exit_code or 0

    def freeze(self) -> None:
        """SIGSTOP: it stands still, its connections stay open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    @property
    def exit_code(self) -> int | None:
        """Of its last process; None while it runs."""
        return None if self._process is None else self._process.poll()

    def await_end(self, seconds: float) -> int | None:
        """Its exit code, if it ends by itself within so long."""
        deadline = time.monotonic() + seconds
        while self.exit_code is None and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.exit_code

    @property
    def has_started(self) -> bool:
        """Whether it has come so far that it listens to SIGTERM."""
        with self.log.open("rb") as log:
            log.seek(self._log_began)
            return b'"event": "started"' in log.read()

    @property
    def last_words(self) -> str:
        """The last line of its log, shortened."""
        return self._last_words().rpartition(" | ")[2][:_SHOWN]

    def say_where(self) -> None:
        """Let it write into its log where each of its threads is."""
        if self.has_started:
            self._signal(signal.SIGUSR1)

    def _signal(self, number: int) -> None:
        if self.pid is not None:
            os.kill(self.pid, number)

    def _command(self) -> Sequence[str]:
        return [sys.executable, "-c", _TENURE, "run"]

    def _environment(self) -> Mapping[str, str]:
        mine = {name: text for name, text in os.environ.items() if "TENURE_" not in name}
        mine["PYTHONPATH"] = str(_ROOT)
        told = {f"TENURE_{name.upper()}": value for name, value in self.settings.items()}
        return {**mine, **told, "TENURE_WORKER_ID": self.worker_id}

    def _serves(self) -> bool:
        return self.pid is not None


class Workers:
    """All workers of the deployment, and the policies that they were told so far."""

    def __init__(self, count: int, settings: Mapping[str, str], folder: Path) -> None:
        self.all = [
            WorkerServer(f"w{number}", settings, folder / f"worker-{number}")
            for number in range(1, count + 1)
        ]
        self.policies: list[Path] = []
        """In the order in which they were put in force; the last one is."""
        self.accept = False
        """Whether whoever starts is told to accept the policy: while it is put in force."""
        self.ended: list[str] = []
        """Ends that nobody ordered, each with its code and last words."""

    def __getitem__(self, worker_id: str) -> WorkerServer:
        return next(one for one in self.all if one.worker_id == worker_id)

    def start(self, worker: WorkerServer) -> None:
        """Start it under the policy in force."""
        worker.run(self.policies[-1], accept=self.accept)

    def tend(self) -> None:
        """Start again whoever ended without being told to, as an orchestrator does; note it.

        Raises AssertionError once that is because of a defect for the third time.
        """
        for worker in self.all:
            code = worker.exit_code
            if code is None or worker.told_to_end:
                continue
            name = Exit(code).name if code in set(Exit) else f"code {code}"
            self.ended.append(f"{worker.worker_id} ended ({name}): {worker.last_words}")
            if sum("(DEFECT)" in ended for ended in self.ended) == _DEFECTS:
                raise AssertionError("\n".join(self.ended))
            self.start(worker)

    def close(self) -> None:
        """Kill all."""
        for worker in self.all:
            worker.thaw()
            worker.kill()
