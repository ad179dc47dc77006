"""Where things lie in a home, and how they are opened for reading: databases, mirror, directory, node."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from registry.chain.client import Node
from registry.chain.deployment import Deployment
from registry.directory import Directory
from registry.errors import RetryableError, Unavailable
from registry.mirror.queries import Queries
from registry.mirror.sync import Mirror
from registry.settings import Settings
from registry.store import Identity, open_durable

Report = Callable[[str, int, int], None]
Say = Callable[[str], None]


def durable_engine(settings: Settings, deployment: Deployment) -> Engine:
    """The durable database; refuses that of another chain or deployment."""
    identity = Identity(deployment.chain_id, deployment.genesis_hash, deployment.registry)
    return open_durable(settings.durable_file, identity)


def open_directory(settings: Settings, deployment: Deployment) -> Directory:
    return Directory.open(durable_engine(settings, deployment), directory_key_file(settings))


def directory_key_file(settings: Settings) -> Path:
    return settings.directory_key_file or settings.home / "directory.key"


def open_queries(settings: Settings, deployment: Deployment, report: Report, say: Say) -> Queries:
    """The mirror, brought to the node's head; as it stands where no node answers, and then it is said."""
    try:
        with connect(settings, deployment) as node, Mirror(settings.mirror_file, deployment) as mirror:
            mirror.catch_up(node, progress=lambda block, goal, _: report("mirror", block, goal))
    except Unavailable as error:
        if not settings.mirror_file.exists():
            raise
        say(f"{error.message}; answered from the mirror as it stands")
    except RetryableError as error:
        # As a rule another process is bringing it up to date; what stands there is whole.
        say(f"{error.message}; answered from the mirror as it stands")
    return Queries(settings.mirror_file)


def connect(settings: Settings, deployment: Deployment, newest: tuple[int, bytes] | None = None) -> Node:
    """The node of the deployment, with the block that is known of it, or nothing."""
    return Node.connect(settings.rpc_url, deployment, newest=newest, timeout=settings.rpc_timeout)
