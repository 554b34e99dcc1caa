"""A server as a child process: started, awaited, stopped, killed and started again."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

HOST = "127.0.0.1"

_POLL_SECONDS = 0.02
_LOG_TAIL_BYTES = 2000

# Becomes the server (exec keeps the process id) after asking Linux to end it when its parent
# ends, even by SIGKILL. A small program of its own, because running Python between fork and
# exec (preexec_fn) is not safe in a process with threads. A parent that was gone before it
# asked is noticed by its id. Elsewhere than on Linux it only becomes the server.
_LEASH = """
import os, signal, sys
parent, command = int(sys.argv[1]), sys.argv[2:]
if sys.platform == "linux":
    import ctypes
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("its parent is gone")
os.execv(command[0], command)
"""


class ServerError(RuntimeError):
    """A server cannot be had or does not serve: one line, with the remedy where there is one."""


class Server(ABC):
    """One server process with ports and a folder of its own.

    The address is fixed when the object is made and stays the same over `restart`, as a real
    server's does; the data in the folder stays too. `close`, or leaving the context, stops the
    server and removes the folder if it was made here.

    The process ends with its parent on Linux, to be exact with the thread that called `start`
    or `launch`: so call them from a thread that lives as long as the server is needed. It is in
    a session of its own: Ctrl-C at the terminal reaches the parent, which then stops its servers
    in order.

    Not safe for use by several threads at once.
    """

    name: ClassVar[str]
    """What people call it, for messages."""
    start_seconds: ClassVar[float] = 30
    """How long it may take to serve."""
    stop_seconds: ClassVar[float] = 15
    """How long it may take to end by itself before it is killed."""

    def __init__(self, *, folder: Path | None = None) -> None:
        self.port = free_port()
        self._given_folder = folder
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    # What each server says about itself.

    @abstractmethod
    def _command(self) -> Sequence[str]:
        """The program, as a full path, and its arguments; raises ServerError if it is missing."""

    @abstractmethod
    def _serves(self) -> bool:
        """Whether it answers a request by now; False, not an error, if it does not yet."""

    def _prepare(self) -> None:  # noqa: B027 (most servers have nothing to prepare)
        """Fill the folder before the first start."""

    def _environment(self) -> Mapping[str, str] | None:
        """The variables of its process; None: those of this one."""
        return None

    # What all of them do.

    @property
    def address(self) -> str:
        """`host:port`, valid before the server is started."""
        return f"{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The id of the server's process while it runs, else None."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def folder(self) -> Path:
        """Where its data and its log are; made when first asked for."""
        if self._folder is None:
            if self._given_folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="tenure-"))
            else:
                self._folder = self._given_folder
                self._folder.mkdir(parents=True, exist_ok=True)
            self._prepare()
        return self._folder

    @property
    def log(self) -> Path:
        """What the server said, over all its starts."""
        return self.folder / "log.txt"

    def start(self) -> None:
        """Start it and return once it serves; on any failure nothing is left running.

        Raises ServerError: it is missing, ended at once, or did not serve in `start_seconds`.
        """
        self.launch()
        self.await_service()

    def launch(self) -> None:
        """Start it and return at once: servers that need each other are awaited together.

        Raises ServerError: it is missing, or runs already.
        """
        if self.pid is not None:
            raise ServerError(f"{self.name} runs already at {self.address}")
        leash = [sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid())]
        command = [*leash, *self._command()]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=self._environment(),
                start_new_session=True,
            )

    def await_service(self) -> None:
        """Return once it serves; on any failure it is not left running. Raises as `start` does."""
        try:
            self._await_service()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End it in good order (SIGTERM), or by force after `stop_seconds`; keep its folder."""
        if self._process is None or self.pid is None:
            return
        self._process.terminate()
        try:
            self._process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL); keep its folder."""
        if self._process is None or self.pid is None:
            return
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        """Start it again, after `stop` or `kill` or from running, at the same address."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop it, and remove its folder unless that was given."""
        self.stop()
        if self._folder is not None and self._given_folder is None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _await_service(self) -> None:
        deadline = time.monotonic() + self.start_seconds
        while not self._serves():
            if self.pid is None:
                raise ServerError(f"{self.name} ended at its start: {self._last_words()}")
            if time.monotonic() > deadline:
                raise ServerError(
                    f"{self.name} did not serve at {self.address} within "
                    f"{self.start_seconds:.0f} s: {self._last_words()}"
                )
            time.sleep(_POLL_SECONDS)

    def _last_words(self) -> str:
        """The end of its log on one line."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - _LOG_TAIL_BYTES))
            text = log.read().decode(errors="replace")
        return " | ".join(text.split("\n")[-8:]).strip(" |") or "it said nothing"


def free_port() -> int:
    """Return a TCP port on which nobody listens now.

    Taken from below the range that systems hand out to outgoing connections, so that between
    now and the server's start only another server could take it.
    """
    for _ in range(200):
        port = 20000 + secrets.randbelow(12000)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ServerError("no free TCP port between 20000 and 32000 on 127.0.0.1")


def program(name: str, remedy: str) -> str:
    """Return the full path of the program `name`; raises ServerError with the remedy."""
    path = shutil.which(name)
    if path is None:
        raise ServerError(f"{name} is not on the path; {remedy}")
    return path


def ask(port: int, request: bytes, answer_bytes: int) -> bytes | None:
    """Send a request to a local port and return the start of the answer, or None if none came."""
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            connection.settimeout(2)
            connection.sendall(request)
            answer = b""
            while len(answer) < answer_bytes:
                part = connection.recv(answer_bytes - len(answer))
                if not part:
                    return None
                answer += part
            return answer
    except OSError:
        return None
