"""The durable database: engine, identity, migrations, and what is too small for a room of its own."""

from registry.store.engine import Identity, open_durable, reading, writing
from registry.store.verdicts import Verdict, last_verdict, record_verdict

__all__ = ["Identity", "Verdict", "last_verdict", "open_durable", "reading", "record_verdict", "writing"]
