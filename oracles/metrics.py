"""Heartbeat, lag, alarms and cycles of one feed, for Prometheus; served as text on loopback where a port is set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from registry.errors import Unavailable

_LOOPBACK = "127.0.0.1"


class Metrics:
    """One registry of its own: several feeds in one process do not meet."""

    def __init__(self, feed: str) -> None:
        self.registry = CollectorRegistry()
        labels = ["feed"]
        self._heartbeat = self._gauge("heartbeat_timestamp_seconds", "When the last cycle ended", labels).labels(feed)
        self._lag = self._gauge("lag_seconds", "Age of the newest good observation", labels).labels(feed)
        self._alarms = self._gauge("alarms", "Alarms that are active", labels).labels(feed)
        self._raised = Counter(
            "equity_oracle_alarms_raised", "Alarms raised, by code", ["feed", "code"], registry=self.registry
        )
        self._cycles = Counter(
            "equity_oracle_cycles", "Cycles, by how they ended", ["feed", "state"], registry=self.registry
        )
        self._feed = feed
        self._observed_at = 0

    def cycle_ended(self, at: int, state: str, observed_at: int, active: int, raised: tuple[str, ...]) -> None:
        """`observed_at` [unix s] is 0 where the cycle observed nothing good."""
        self._observed_at = max(self._observed_at, observed_at)
        self._heartbeat.set(at)
        if self._observed_at:
            self._lag.set(max(0, at - self._observed_at))
        self._alarms.set(active)
        self._cycles.labels(self._feed, state).inc()
        for code in raised:
            self._raised.labels(self._feed, code).inc()

    @contextmanager
    def served(self, port: int | None) -> Iterator[int | None]:
        """Serves `/metrics` while the block runs; port 0 takes a free one. Yields the port."""
        if port is None:
            yield None
            return
        try:
            server, thread = start_http_server(port, addr=_LOOPBACK, registry=self.registry)
        except OSError as error:
            raise Unavailable(f"metrics cannot be served at {_LOOPBACK}:{port}: {error.strerror or error}") from error
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _gauge(self, name: str, text: str, labels: list[str]) -> Gauge:
        return Gauge(f"equity_oracle_{name}", text, labels, registry=self.registry)
