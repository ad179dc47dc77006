"""Puts an import plan on the chain: one journal, resumable at any point, never doubled, and abandoned for ever."""

from registry.acts.importing.run import Imported, Terms, abandon_import, import_plan

__all__ = ["Imported", "Terms", "abandon_import", "import_plan"]
