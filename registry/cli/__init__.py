"""The command line: reads arguments, calls one act or query, shows the result. Decides nothing itself."""

from registry.cli.app import main

__all__ = ["main"]
