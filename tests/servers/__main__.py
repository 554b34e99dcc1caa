"""Servers for several test runs: `python -m tests.servers [FILE]`.

Starts the Kafka and the Redis that the tests would choose, prints the lines to export (into FILE,
if named, once both serve) and keeps them up until it is told to end (Ctrl-C, SIGTERM).
"""

import signal
import sys
from pathlib import Path
from types import FrameType

from operate.servers import ServerError
from tests.servers import chosen_kafka, chosen_redis


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM or SIGINT; 1, with the reason, if a server cannot be had."""
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    try:
        with chosen_kafka() as kafka, chosen_redis() as redis:
            exports = (
                f"export TENURE_TEST_KAFKA={kafka.bootstrap} # {kafka.kind}\n"
                f"export TENURE_TEST_REDIS={redis.url} # {redis.kind}\n"
            )
            if arguments:
                # Under its name the file is whole.
                unfinished = Path(arguments[0] + ".part")
                unfinished.write_text(exports)
                unfinished.rename(arguments[0])
            print(exports, end="", flush=True)
            while True:
                signal.pause()
    except ServerError as error:
        print(error, file=sys.stderr)
        return 1


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
