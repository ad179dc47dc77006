"""Commands of the Regions: schemes and halts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from registry.domain.args import ActHeader
from registry.domain.commands.draft import Draft, Refusal
from registry.domain.events_raise import RegionHalted, SchemeSet
from registry.domain.register import NO_REGION
from registry.domain.rules import ActKind, RegistryRole


@dataclass(frozen=True, slots=True)
class SetScheme:
    """REGULATOR. The document is the certified set of parameters; ceilings in fen, 0 for an investor none."""

    header: ActHeader
    region: int
    version: int
    raise_ceiling: int
    investor_ceiling: int

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.REGULATOR)
        if self.region == 0 or self.version == 0:
            raise Refusal("SchemeMalformed", self.region, self.version)
        contract, known = draft.raising.regions, draft.state.regions
        draft.record(contract, self.header, ActKind.SCHEME)
        known[self.region] = replace(
            known.get(self.region, NO_REGION),
            version=self.version,
            raise_ceiling=self.raise_ceiling,
            investor_ceiling=self.investor_ceiling,
        )
        at = draft.at(contract)
        draft.emit(SchemeSet(at, self.region, self.version, self.raise_ceiling, self.investor_ceiling))


@dataclass(frozen=True, slots=True)
class SetHalted:
    """REGULATOR. Every clock of the region stands still, or goes on."""

    header: ActHeader
    region: int
    halted: bool

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.REGULATOR)
        word = draft.state.regions.get(self.region, NO_REGION)
        if word.is_halted == self.halted:
            raise Refusal("HaltUnchanged", self.region, self.halted)
        contract = draft.raising.regions
        draft.record(contract, self.header, ActKind.HALT)
        draft.state.regions[self.region] = word.halted_from(draft.time) if self.halted else word.resumed_at(draft.time)
        draft.emit(RegionHalted(draft.at(contract), self.region, self.halted))
