"""The mirror: the register as tables, rebuilt from the chain at will. `Mirror` writes, `Queries` reads."""

from registry.mirror.queries import AsOf, Company, Page, Queries, ShareClass, Stand
from registry.mirror.sync import Mirror

__all__ = ["AsOf", "Company", "Mirror", "Page", "Queries", "ShareClass", "Stand"]
