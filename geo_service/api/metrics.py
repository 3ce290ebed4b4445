"""Figures of the running server for Prometheus: requests by route, refusals, what is running.

Routes are named by their template, never by the path that was asked for. With several workers
the figures lie in a folder that all of them write to, and any worker answers for all
(`PROMETHEUS_MULTIPROC_DIR`, which the supervisor sets before a worker begins).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prometheus_client import Metric

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The figures of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "geo_service_requests",
            "Answered requests",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "geo_service_request_seconds",
            "Seconds from a request to the end of its answer",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._refused = Counter(
            "geo_service_refused",
            "Requests refused by a limit",
            ("limit",),
            registry=self.registry,
        )
        self._running = Gauge(
            "geo_service_requests_running",
            "Requests being answered now",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def began(self) -> None:
        """A request is being answered."""
        self._running.inc()

    def ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """An answer has gone out, or was cut off (`status` 0)."""
        self._running.dec()
        key = (method if method in _METHODS else "other", route, status)
        pair = self._known.get(key)
        if pair is None:
            counter = self._requests.labels(*key[:2], str(status or "cut"))
            pair = self._known[key] = (counter, self._seconds.labels(*key[:2]))
        pair[0].inc()
        pair[1].observe(seconds)

    def refused(self, limit: str) -> None:
        """A limit refused a request."""
        self._refused.labels(limit).inc()

    def text(self, gauges: Mapping[str, tuple[str, Mapping[str, float]]]) -> bytes:
        """Everything in the text format of Prometheus.

        `gauges` are figures read now: name → (what it is, value by the label `of`).
        """
        folder = os.environ.get(FOLDER_VARIABLE)
        registry = self.registry
        if folder:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
        now = CollectorRegistry()
        now.register(_Now(gauges))
        return generate_latest(registry) + generate_latest(now)


class _Now:
    """Figures that are read when asked for."""

    def __init__(self, gauges: Mapping[str, tuple[str, Mapping[str, float]]]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        """The figures as Prometheus wants them."""
        for name, (about, values) in self._gauges.items():
            family = GaugeMetricFamily(f"geo_service_{name}", about, labels=("of",))
            for of, value in values.items():
                family.add_metric((of,), value)
            yield family
