"""Puts a desk together from settings: databases, node, keys; and deploys what it is put together for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from registry.acts.desk import ADMIN, AGENT, Desk
from registry.acts.keyring import KeyRing
from registry.acts.places import Report, Say, connect, directory_key_file, durable_engine
from registry.chain.client import Node
from registry.chain.deploy import deploy, key_names
from registry.chain.deployment import Deployment
from registry.chain.sign import Keystores, ensure_passphrase, passphrase_from
from registry.directory import Directory
from registry.domain.deployment import DEPLOYER
from registry.mirror.queries import Queries
from registry.mirror.sync import Mirror
from registry.outbox import Outbox, Sender
from registry.settings import Settings

Ask = Callable[[], str]


def keystores(settings: Settings, ask: Ask) -> Keystores:
    """The keystores; their passphrase comes from a file where there is one, else a person is asked."""
    return Keystores(settings.keystores, lambda: _passphrase(settings, ask))


@contextmanager
def open_desk(settings: Settings, ask: Ask, report: Report = lambda _l, _d, _t: None) -> Iterator[Desk]:
    """A desk at the node's head. HaltError before anything is done if chain, databases and keys do not agree."""
    deployment = Deployment.load(settings.deployment_file)
    with ExitStack() as stack:
        engine = durable_engine(settings, deployment)
        stack.callback(engine.dispose)
        outbox = Outbox(engine)
        node = stack.enter_context(connect(settings, deployment, outbox.newest_block()))
        mirror = stack.enter_context(Mirror(settings.mirror_file, deployment))
        queries = Queries(settings.mirror_file)
        stack.callback(queries.close)
        keys = keystores(settings, ask)
        signers = KeyRing(keys)
        desk = Desk(
            node=node,
            deployment=deployment,
            outbox=outbox,
            sender=Sender(outbox, node, signers),
            directory=Directory.open(engine, directory_key_file(settings)),
            mirror=mirror,
            queries=queries,
            keys=signers,
            documents=settings.home / "documents",
        )
        desk.catch_up(lambda block, goal, _: report("mirror", block, goal))
        yield desk


def deploy_registry(settings: Settings, ask: Ask, say: Say) -> Deployment:
    """Makes the keys that are missing, carries out the deployment plan, and keeps the result in the home."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = keystores(settings, ask)
    for name in (*key_names(), ADMIN, AGENT):
        say(f"key {name}")
        keys.ensure(name)
    holders = {name: keys.address(name) for name in key_names()}
    deployer = keys.load(DEPLOYER)
    holders.pop(DEPLOYER)
    # A home belongs to one registry for ever: its databases know no other.
    known = Deployment.load(settings.deployment_file) if settings.deployment_file.exists() else None
    with Node.connect(settings.rpc_url, known, timeout=settings.rpc_timeout) as node:
        deployment = deploy(node, deployer, keys.load("governor"), holders, progress=say)
    deployment.save(settings.deployment_file)
    return deployment


def _passphrase(settings: Settings, ask: Ask) -> str:
    if settings.passphrase_file is not None:
        return passphrase_from(settings.passphrase_file)
    own = settings.home / "passphrase"
    return passphrase_from(own) if own.exists() else ask()


def ensure_local_passphrase(settings: Settings) -> None:
    """For a stack on one machine: keys that nobody types a passphrase for, readable by their owner only."""
    if settings.passphrase_file is None:
        ensure_passphrase(settings.home / "passphrase")
