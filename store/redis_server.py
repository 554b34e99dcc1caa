"""Whether a server can be trusted with state: asked once, before a worker starts."""

from __future__ import annotations

from store.redis_client import NO_CLUSTER, Client

_OLDEST = (6, 2)


def problems_of(client: Client) -> list[str]:
    """What is wrong with the server, each with its remedy; empty: nothing. Raises Unavailable."""
    problems = []
    server, memory, cluster = (
        client.command("INFO", section) for section in ("server", "memory", "cluster")
    )
    version = str(server.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
        problems.append(f"Redis at {client.address} is {version}: Tenure needs 6.2 or newer")
    policy = memory.get("maxmemory_policy")
    if policy != "noeviction":
        problems.append(
            f"Redis at {client.address} may drop customers when its memory is full "
            f"(maxmemory-policy {policy}): set maxmemory-policy noeviction, in its configuration "
            "file too"
        )
    if str(cluster.get("cluster_enabled", 0)) != "0":
        problems.append(f"Redis at {client.address} is a node of a cluster: {NO_CLUSTER}")
    return problems
