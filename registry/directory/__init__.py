"""Who stands behind a party id: names and contacts, encrypted at rest and erasable. Knows the store, not the chain.

The chain holds a salted hash only. Erasing a party destroys salt, key and data; the id stays, and pages show it.
"""

from registry.directory.directory import Directory
from registry.directory.dossier import Dossier

__all__ = ["Directory", "Dossier"]
