"""What a process tells of itself: numbers, and the context of its log lines."""

from app.middleware.monitoring.exposition import exposition, metrics_router
from app.middleware.monitoring.loop import watch_loop
from app.middleware.monitoring.metrics import PrometheusMeter
from app.middleware.monitoring.requests import RequestWatch

__all__ = ["PrometheusMeter", "RequestWatch", "exposition", "metrics_router", "watch_loop"]
