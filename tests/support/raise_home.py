"""A company that raises money as a visitor finds it: one raise told to its end, one that is open, all in one home."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry.chain.anvil import running
from registry.directory import Directory, Dossier
from registry.documents import Documents
from registry.domain.ids import PartyId
from registry.mirror import Mirror
from registry.settings import Settings
from registry.store.engine import Identity, open_durable
from registry.store.verdicts import Verdict, record_verdict
from tests.support.raise_stage import NO_RATCHET, Raiser, tranche, usual_escrow, usual_terms
from tests.support.raise_storm import EMIL, GRETA, tell_storm
from tests.support.raise_story import (
    ANNA,
    AUDITOR,
    BEN,
    CARL,
    FOUNDER,
    FUND,
    ISSUER,
    LAB,
    PLATFORM,
    REGISTRAR,
    raise_ready,
    tell_raise,
)
from tests.support.stage import set_up

NAMES = {
    FUND: "前海共创一号合伙企业（有限合伙）",
    ANNA: "陈思远",
    BEN: "周雅",
    CARL: "<script>document.title='taken'</script>",
    ISSUER: "新光半导体科技（深圳）股份有限公司",
    PLATFORM: "共创众筹平台",
    FOUNDER: "林启明",
    LAB: "深圳芯片检测所",
    AUDITOR: "Shenzhen Auditors LLP",
    REGISTRAR: "登记结算公司",
    EMIL: "鹏程创新投资有限公司",
    GRETA: "何静",
}
OPEN_RAISE = 2
UNEVEN_RAISE, LAPSED_RAISE = 2, 6
"""In the storm: with a fen left by rounding, with lots that were sold before it was missed."""
UNEVEN = {ANNA: 7, BEN: 11, FUND: 13}
"""Who subscribed how many shares to the first of these."""
SUBSCRIBED = 6_375_000


@dataclass(frozen=True, slots=True)
class RaisePlace:
    """What tests ask: the home and its settings, the hands, and the block after each step of the first raise."""

    settings: Settings
    raiser: Raiser
    steps: dict[str, int]


@contextmanager
def raise_place(home: Path) -> Iterator[RaisePlace]:
    with running() as chain:
        raiser, steps = raise_ready(set_up(chain)), dict[str, int]()
        tell_raise(raiser, lambda step: steps.__setitem__(step, raiser.stage.node.head().number))
        _open_another(raiser)
        yield RaisePlace(kept(raiser, home, chain.url), raiser, steps)
        raiser.stage.node.close()


@contextmanager
def storm_place(home: Path) -> Iterator[RaisePlace]:
    """Raises that met everything that can happen to one; the second leaves a fen by rounding. No steps."""
    with running() as chain:
        raiser = raise_ready(set_up(chain))
        tell_raise(raiser)
        _leave_a_fen(raiser)
        tell_storm(raiser)
        yield RaisePlace(kept(raiser, home, chain.url), raiser, {})
        raiser.stage.node.close()


def kept(raiser: Raiser, home: Path, rpc_url: str, names: Mapping[int, str] = NAMES) -> Settings:
    """The home with deployment, mirror, names and verdict."""
    stage, settings = raiser.stage, Settings(home=home, rpc_url=rpc_url)
    stage.deployment.save(settings.deployment_file)
    with Mirror(settings.mirror_file, stage.deployment) as mirror:
        stand = mirror.catch_up(stage.node)
    deployment = stage.deployment
    engine = open_durable(
        settings.durable_file, Identity(deployment.chain_id, deployment.genesis_hash, deployment.registry)
    )
    directory = Directory.open(engine, home / "directory.key")
    directory.put_all({PartyId(party): Dossier(name) for party, name in names.items()})
    record_verdict(engine, Verdict("equal", stand.block, stand.hash, 41, 0, 0, stand.time))
    engine.dispose()
    # Of the first milestone the text of the criterion is kept here, of the others only its hash is known.
    Documents(home / "documents").keep(b"criterion Tape-out accepted by the foundry", "criterion")
    return settings


def _leave_a_fen(raiser: Raiser) -> None:
    """31 shares; six tenths of the proceeds are missed: 75.11 in three parts that sum to 75.10."""
    terms = usual_terms(raiser, PLATFORM, minimum=425, maximum=42_500, investor_minimum=425)
    tranches = [
        tranche(terms, 5, ("Pilot", "试点"), value=4_000),
        tranche(terms, 6, ("Series", "量产"), value=6_000),
    ]
    raiser.create(terms, usual_escrow(raiser, ISSUER), tranches, NO_RATCHET)
    raiser.open()
    for party, shares in UNEVEN.items():
        raiser.subscribe(party, 425 * shares)
    raiser.close()
    raiser.allot(*UNEVEN)
    raiser.attest("lab", 0)
    raiser.attest("auditor", 0)
    raiser.release(0)
    raiser.miss(1)
    raiser.redeem(*UNEVEN)


def _open_another(raiser: Raiser) -> None:
    """Half of its minimum is there; one of its milestones is missed without a put, one would be extended."""
    terms = usual_terms(raiser, PLATFORM, minimum=12_750_000, maximum=25_500_000, investor_maximum=12_750_000)
    tranches = [
        tranche(terms, 60, ("Pilot line runs", "中试线投产"), value=4_000),
        tranche(terms, 120, ("First customer accepts", "首个客户验收"), on_miss=2, value=6_000),
    ]
    raiser.create(terms, usual_escrow(raiser, ISSUER), tranches, NO_RATCHET)
    raiser.open()
    raiser.subscribe(ANNA, SUBSCRIBED)
