"""An issuer that holds the keys of its register and would rather keep missed money (ES-7, AC-1)."""

from __future__ import annotations

from eth_abi import encode
from eth_utils import keccak

from tests.contracts.support import node
from tests.contracts.support.ground import header
from tests.contracts.support.milestones import PROCEEDS, fail, redeem
from tests.contracts.support.raising import ERIN, FRANK, HEIDI, Raise


def spoil(done: Raise, ahead: int) -> None:
    """The registrar uses up the operation id that the raise's next act has so many blocks ahead if it pushes itself."""
    block = int(node.ask("eth_blockNumber"), 16) + ahead
    known = ["address", "uint256", "uint256", "address"]
    operation = keccak(encode(known, [done.offering.address, 2, block, done.ground.registrar]))
    ground = done.ground
    ground.preferred.act("setAuthorised", header(operation=operation), 500_000, by=ground.registrar)


def test_redeem__ids_of_its_acts_used_up_by_the_transfer_agent__goes_on(done: Raise) -> None:
    fail(done)
    spoil(done, 2)
    redeem(done, *(done.home(party) for party in (ERIN, FRANK, HEIDI)))
    purse = done.purse()
    assert (purse.redeemed, purse.proceeds) == (PROCEEDS, PROCEEDS)
