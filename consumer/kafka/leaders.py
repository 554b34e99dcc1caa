"""A consumer that, told by a broker that it leads a partition no more, asks who does.

kafka-python 3.0.12, asked for first or last offsets, asks the leader that it knows. If that one
answers that it is not the leader, the client asks it again, at once and without end, and learns of
the new leader only when its metadata grow old (5 minutes) or something else needs them. A broker
that was killed, came back and follows now is such a one: whoever asked it was stuck.

Re-check on another client version: the fetcher is not the client's public interface.
"""

from __future__ import annotations

from typing import Any

from kafka import KafkaConsumer


class Consumer(KafkaConsumer):  # type: ignore[misc]  # kafka-python is untyped
    """kafka-python's own, which finds moved leaders."""

    def __init__(self, *topics: str, **configs: Any) -> None:
        super().__init__(*topics, **configs)
        ask_for_leaders(self._fetcher)


def ask_for_leaders(fetcher: Any) -> None:
    """Let a fetcher ask for new metadata whenever a question about offsets has to be repeated."""
    handle = fetcher._handle_list_offsets_response  # noqa: SLF001

    def handle_and_ask(response: Any) -> Any:
        offsets, again = handle(response)
        if again:
            fetcher._manager.cluster.request_update()  # noqa: SLF001
        return offsets, again

    fetcher._handle_list_offsets_response = handle_and_ask  # noqa: SLF001
