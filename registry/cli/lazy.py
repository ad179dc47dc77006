"""Commands that are loaded when they are called: help and preview do not wait for libraries that only sending needs."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperGroup


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command is, and what the list of commands says about it (a test holds it to the command's own text)."""

    place: str
    summary: str

    def load(self) -> Any:
        """The function or the group, by "module:name"."""
        module, _, name = self.place.partition(":")
        return getattr(importlib.import_module(module), name)


COMMANDS = {
    "demo": Command("registry.cli.demo:demo", "Show the whole thing on a temporary chain."),
    "up": Command("registry.cli.operate:up", "Run a stack on this machine that keeps its state."),
    "deploy": Command("registry.cli.operate:deploy", "Deploy the contracts on the node."),
    "company": Command("registry.cli.company:app", "Companies: create, list, open, stop, document, abandon."),
    "class": Command("registry.cli.classes:app", "Share classes: create, list, admit, authorise, stop."),
    "party": Command("registry.cli.party:app", "Parties: onboard, classify, bind wallets, freeze, names."),
    "issue": Command("registry.cli.shares:issue", "Issue new shares, to up to 200 receivers in one act."),
    "transfer": Command("registry.cli.shares:transfer", "Move shares out of a book account or a wallet."),
    "cancel": Command("registry.cli.shares:cancel", "End shares of a book account."),
    "bank": Command("registry.cli.bank:app", "Money of the custodian bank: mint, burn, freeze, stop, reconcile."),
    "region": Command("registry.cli.region:app", "Regional markets: scheme, halt, resume."),
    "raise": Command("registry.cli.raises:app", "Raises: create, admit, open, subscribe, settle or refund."),
    "escrow": Command("registry.cli.escrows:app", "Milestone escrows: release, miss, redeem, put, lapse."),
    "dividend": Command("registry.cli.dividends:app", "Dividends: tax, declare, preview, fix, pay, claim, close."),
    "verifier": Command("registry.cli.verifier:app", "Verifiers: appoint, attest, challenge, decide."),
    "oracle": Command("registry.cli.oracle:app", "Oracles: run a verifier's feed, check it, explain an attestation."),
    "holders": Command("registry.cli.reads:holders", "List holders of record by party."),
    "captable": Command("registry.cli.reads:captable", "Show who holds what in each class."),
    "entries": Command("registry.cli.reads:entries", "List entries of the register."),
    "import": Command("registry.cli.importing:import_", "Put a company's cap table on the chain, with its history."),
    "mirror": Command("registry.cli.mirror:app", "The mirror: sync, follow, rebuild, status."),
    "audit": Command("registry.cli.auditing:audit", "Replay all events; compare with mirror and chain."),
    "serve": Command("registry.cli.operate:serve", "Serve API and pages from the mirror."),
}


class LazyGroup(TyperGroup):
    """The commands above."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        found = COMMANDS[cmd_name].load()
        if not isinstance(found, typer.Typer):
            single = typer.Typer(add_completion=False, rich_markup_mode=None)
            single.command(cmd_name)(found)
            found = single
        command = typer.main.get_command(found)
        command.name = cmd_name
        _keep_examples(command)
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.summary) for name, command in COMMANDS.items()])


def _keep_examples(command: Any) -> None:
    """Lines to be pasted stay as they stand in the help: after a backspace nothing is joined or broken."""
    if command.help:
        command.help = inspect.cleandoc(command.help).replace("\n\nequity ", "\n\n\b\nequity ")
    for each in getattr(command, "commands", {}).values():
        _keep_examples(each)
