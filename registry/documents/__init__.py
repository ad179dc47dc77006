"""Durable: files by hash. Evidence, sources and disclosed figures lie here for whoever asks years later."""

from registry.documents.store import Documents

__all__ = ["Documents"]
