"""The edge of this process, put together from its settings."""

from app.api.auth import TokenVerifier
from app.config import Settings
from app.middleware.monitoring import PrometheusMeter
from app.middleware.security import (
    Buckets,
    Edge,
    MemoryBuckets,
    Rate,
    RouteClass,
    SubstituteBuckets,
    identified_by,
)


def make_edge(
    settings: Settings, verifier: TokenVerifier, meter: PrometheusMeter, shared: Buckets | None
) -> Edge:
    """Return what every request passes; `shared` counts requests for all processes, if there is such."""
    buckets: Buckets = MemoryBuckets()
    if shared is not None:
        buckets = SubstituteBuckets(shared, buckets, on_change=meter.shared_limits_are)
    return Edge(
        rates={name: Rate.parse(getattr(settings, f"rate_limit_{name}")) for name in RouteClass},
        per_address=settings.rate_limit_per_address,
        buckets=buckets,
        identify=identified_by(verifier),
        meter=meter,
        https_only=settings.environment == "prod",
        proxies=settings.trusted_proxies,
        hosts=settings.allowed_hosts,
        origins=settings.web_origins,
        connect_to=(settings.supabase_url,),
    )
