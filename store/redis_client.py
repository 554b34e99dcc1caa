"""The connection to Redis: explicit time-outs, few retries, and failures with a remedy.

The client sends a command again when a connection breaks or a reply is late, without saying so,
even when the first one did its work. Every call made through here bears that: reads are reads,
and scripts recognise their own second coming (lua/take.lua, lua/write.lua).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.connection import parse_url
from redis.exceptions import (
    AskError,
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    ConnectionError,  # noqa: A004 - the client's name for it
    InvalidResponse,
    NoPermissionError,
    NoScriptError,
    RedisError,
    ResponseError,
    TimeoutError,  # noqa: A004 - likewise
)
from redis.retry import Retry

from store.port import Unavailable

_REMEDIES = (
    ("NOPERM", "this user may not do it: see its ACL (docs/operating/state.md)"),
    ("The user executing the script", "see the user's ACL (docs/operating/state.md)"),
    ("OOM", "its memory is full: raise maxmemory, or move partitions to other servers"),
    ("MISCONF", "it cannot save to its disk: see its log, and make room"),
    ("READONLY", "it is a replica: point the URL at the primary, or wait for the failover"),
    ("NOREPLICAS", "too few replicas follow it: see min-replicas-to-write"),
    ("BUSY", "it is running a script that takes too long: look at SLOWLOG"),
    ("LOADING", "it is still loading its data: wait"),
    ("MASTERDOWN", "its link to the primary is down: wait for the failover"),
    ("CLUSTERDOWN", "the cluster is down: see CLUSTER INFO"),
    ("TRYAGAIN", "the cluster is moving this slot: wait"),
    ("DB index is out of range", "name a database that it has at the end of the URL, such as /0"),
)
"""Replies that are the world's failure, and what a person can do about each."""

NO_CLUSTER = (
    "Tenure does not speak Redis Cluster yet (its keys are laid out for one): point the URL at a "
    "single primary that is in no cluster, or at a proxy that looks like one"
)

_OURS = frozenset({"decode_responses", "encoding", "encoding_errors", "protocol"})
"""Options of the client on which this code rests."""
_FILES = ("ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile")
_LONGEST_SHOWN = 60
# The client gives this function no types.
_parse: Callable[[str], dict[str, Any]] = parse_url


class Script:
    """One Lua script of store/lua: called by its digest, sent whole only when unknown."""

    def __init__(self, *names: str) -> None:
        folder = files("store") / "lua"
        self.text = "".join((folder / f"{name}.lua").read_text("utf-8") for name in names)
        self.sha = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files for a rediss:// URL: who is trusted, and who we are where the server asks."""

    ca_certs: str | Path | None = None
    certfile: str | Path | None = None
    keyfile: str | Path | None = None

    def options(self, url: str) -> dict[str, str]:
        """The client's options for them. Raises ValueError if `url` is not for TLS."""
        named = {
            "ssl_ca_certs": self.ca_certs,
            "ssl_certfile": self.certfile,
            "ssl_keyfile": self.keyfile,
        }
        options = {name: str(path) for name, path in named.items() if path is not None}
        if options and not url.startswith("rediss://"):
            raise ValueError(
                "TLS files are named, and the Redis URL is without TLS: begin it with rediss://"
            )
        return options


class Client:
    """A pool of connections to one Redis, opened when first used."""

    def __init__(
        self,
        url: str,
        tls: Tls = Tls(),
        *,
        timeout: float = 3.0,
        connect_timeout: float = 2.0,
        retries: int = 2,
    ) -> None:
        """Times in seconds; connects to nothing.

        Raises ValueError, without the URL in its message, for one that cannot be used.
        """
        _check_url(url)
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=connect_timeout,
            socket_keepalive=True,
            socket_read_size=1 << 18,  # a load answers with half a megabyte
            retry=Retry(ExponentialWithJitterBackoff(base=0.05, cap=0.5), retries),
            decode_responses=False,
            protocol=2,
            **tls.options(url),
        )
        _check_options(self._redis.connection_pool)
        # The client gives this method no types.
        self._execute: Callable[..., Any] = self._redis.execute_command
        where = self._redis.connection_pool.connection_kwargs
        self.address = where.get("path") or f"{where.get('host')}:{where.get('port')}"

    def run(self, script: Script, keys: Sequence[str], arguments: Sequence[str | bytes]) -> Any:
        """The script's reply. Raises Unavailable; a reply that is our own fault as it comes."""
        with self._reaching():
            try:
                return self._execute("EVALSHA", script.sha, len(keys), *keys, *arguments)
            except NoScriptError:
                # Redis was restarted, or never saw it. EVAL also makes it known.
                return self._execute("EVAL", script.text, len(keys), *keys, *arguments)

    def command(self, *command: str | bytes | int) -> Any:
        """The reply to one command. Raises as `run` does."""
        with self._reaching():
            return self._execute(*command)

    def close(self) -> None:
        """Close all connections; the client may be used again."""
        self._redis.close()

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except (AuthenticationError, AuthorizationError, NoPermissionError) as error:
            raise Unavailable(
                f"Redis at {self.address} refuses the user ({error}): check the user and password "
                "in its URL, and the user's ACL (docs/operating/state.md)"
            ) from error
        except BusyLoadingError as error:
            raise Unavailable(f"Redis at {self.address} is still loading its data: wait") from error
        except TimeoutError as error:
            raise Unavailable(
                f"Redis at {self.address} does not answer in time ({error}): look at its load and "
                "SLOWLOG, or allow more time"
            ) from error
        except ConnectionError as error:
            raise Unavailable(
                f"Redis cannot be reached at {self.address} ({error}): start it, or correct its URL"
            ) from error
        except InvalidResponse as error:
            raise Unavailable(
                f"what answers at {self.address} is not Redis, or wants TLS "
                f"({str(error)[:_LONGEST_SHOWN]}): correct its URL (rediss:// is with TLS)"
            ) from error
        except AskError as error:  # MOVED too
            raise Unavailable(
                f"Redis at {self.address} points to another node of its cluster: {NO_CLUSTER}"
            ) from error
        except ResponseError as error:
            remedy = _remedy(error)
            if remedy is None:
                raise
            raise Unavailable(f"Redis at {self.address}: {error}; {remedy}") from error


def _check_url(url: str) -> None:
    """Raise ValueError for a URL that is none, or that would change what this code rests on."""
    try:
        options = _parse(url)
    except ValueError as error:
        if not str(error).startswith("Port "):
            raise
        # The client repeats what it took for the port: it may be the password.
        raise ValueError(
            "its port is not a number; in a user or password, write / ? # as %2F %3F %23"
        ) from None
    for name in sorted(_OURS & options.keys()):
        raise ValueError(f"its option '{name}' is not yours to set: leave it out")


def _check_options(pool: redis.ConnectionPool) -> None:
    """Raise ValueError for options that would fail with the first connection."""
    options = pool.connection_kwargs
    for name in _FILES:
        if options.get(name) and not Path(options[name]).exists():
            raise ValueError(f"{name} names {options[name]}, which does not exist")
    try:
        pool.connection_class(**options)
    except TypeError as error:
        unknown = re.search(r"unexpected keyword argument '(\w+)'", str(error))
        if unknown is None:
            raise
        name = unknown[1]
        remedy = "begin the URL with rediss://" if name.startswith("ssl_") else "leave it out"
        raise ValueError(f"its option '{name}' is not known: {remedy}") from None
    except RedisError as error:
        raise ValueError(str(error)) from None


def _remedy(error: ResponseError) -> str | None:
    """What to do about a reply that is the world's failure; None for any other.

    The code is the reply's first word, or is quoted in it when it came from within a script, or
    is missing: then the sentence is known.
    """
    code = getattr(error, "status_code", None)
    text = str(error)
    for name, remedy in _REMEDIES:
        sentence = " " in name and name in text
        if code == name or text.startswith(f"{name} ") or f" -{name} " in text or sentence:
            return remedy
    return None
