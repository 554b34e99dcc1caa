"""The worker's health over HTTP: GET /health and GET /ready, for probes and `tenure health`.

Both answer 200 for yes and 503 for no, with the same JSON either way (consumer/condition.py says
what it means). The answers come from a thread of their own, so that a worker that stands still
says so. Nothing is changed by any request, and nothing secret is in any answer.
"""

from __future__ import annotations

import json
import socket
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from consumer.condition import Answer, Condition
from consumer.settings import Settings

HEALTH: Final = "/health"
READY: Final = "/ready"
_LONGEST_REQUEST: Final = 5.0
"""Seconds in which a client has to send its request."""
_LOOK: Final = 0.2
"""Seconds between two looks at whether the port is to be closed."""


class PortUnusable(Exception):
    """The health port cannot be listened on; the message says which setting to change."""


@contextmanager
def health_port(settings: Settings, condition: Condition) -> Iterator[None]:
    """Answer on the port that the settings name, if they name one. Raises PortUnusable."""
    if not settings.health_port:
        yield
        return
    try:
        server = _Server(settings.health_host, settings.health_port, condition)
    except OSError as error:
        raise PortUnusable(
            f"setting health_port: {settings.health_host} port {settings.health_port} cannot be"
            f" listened on: {error.strerror or error}: every worker of a machine needs a port of"
            " its own (TENURE_HEALTH_PORT, TENURE_HEALTH_HOST)"
        ) from error
    thread = threading.Thread(target=server.serve_forever, args=(_LOOK,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    """One thread per request; none of them keeps the process alive."""

    daemon_threads = True
    allow_reuse_port = False  # two workers on one port would answer in turn

    def __init__(self, host: str, port: int, condition: Condition) -> None:
        self.condition = condition
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Request)

    def server_bind(self) -> None:
        """Bind, without asking a name server who we are."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked went away: theirs, and no matter. Anything else is a defect: be loud."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Request(BaseHTTPRequestHandler):
    """One request."""

    timeout = _LONGEST_REQUEST
    server: _Server

    def do_GET(self) -> None:  # http.server calls it so
        """Say how the worker is."""
        path = self.path.partition("?")[0]
        condition = self.server.condition
        if path == HEALTH:
            self._say(condition.alive())
        elif path == READY:
            self._say(condition.ready())
        else:
            self._write(HTTPStatus.NOT_FOUND, {"error": f"ask for {HEALTH} or {READY}"})

    def _say(self, answer: Answer) -> None:
        status = HTTPStatus.OK if answer.ok else HTTPStatus.SERVICE_UNAVAILABLE
        self._write(status, answer.told)

    def _write(self, status: HTTPStatus, told: dict[str, Any]) -> None:
        body = json.dumps(told, ensure_ascii=False).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        """Who answers; not on which Python."""
        return "tenure"

    def log_message(self, *_: Any) -> None:
        """Probes ask every few seconds: that is nothing to log."""
