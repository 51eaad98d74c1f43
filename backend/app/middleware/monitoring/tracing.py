"""Spans sent by OTLP over HTTP. Import it only where OTEL_EXPORTER_OTLP_ENDPOINT is set: it brings the SDK.

What it takes besides, OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER and so on, the SDK reads itself. While
the collector is away, spans are dropped on a thread of their own, and nobody waits.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.services.tracing import Kind, Span, Value

EXPORT_TIMEOUT_S = 3.0
MAX_WAITING = 2_048
"""Spans that may wait for the collector; more are dropped."""

_KINDS: dict[Kind, SpanKind] = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "consumer": SpanKind.CONSUMER,
    "internal": SpanKind.INTERNAL,
}
_PROPAGATOR = TraceContextTextMapPropagator()


class OtlpRecorder:
    """Implements Recorder."""

    def __init__(self, endpoint: str, *, environment: str, version: str) -> None:
        """Send to the collector at `endpoint`, the address up to /v1/traces."""
        self._provider = TracerProvider(
            resource=Resource.create(
                {
                    "service.name": "speakmate",
                    "service.version": version,
                    "deployment.environment.name": environment,
                }
            ),
            shutdown_on_exit=False,  # a process that is to end does not wait for a collector
        )
        exporter = OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=EXPORT_TIMEOUT_S)
        self._provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=MAX_WAITING))
        self._tracer = self._provider.get_tracer("app")

    @contextmanager
    def span(
        self, name: str, kind: Kind, parent: str | None, attributes: Mapping[str, Value]
    ) -> Iterator[Span]:
        """Record while the block runs."""
        context = _PROPAGATOR.extract({"traceparent": parent}) if parent else None
        with self._tracer.start_as_current_span(
            name,
            context,
            _KINDS[kind],
            dict(attributes),
            record_exception=False,  # its message and its locals may hold what somebody said
            set_status_on_exception=False,
        ) as span:
            recorded = _Recorded(span)
            try:
                yield recorded
            except Exception as error:
                recorded.failed(type(error).__name__)
                raise

    def trace_id(self) -> str | None:
        """Return the id of the open trace."""
        context = trace.get_current_span().get_span_context()
        return trace.format_trace_id(context.trace_id) if context.is_valid else None

    def flush(self, within_s: float) -> bool:
        """Send what waits; return whether all of it was sent. Blocks for `within_s` at most."""
        return self._provider.force_flush(round(within_s * 1000))


class _Recorded:
    """Implements Span."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def rename(self, name: str) -> None:
        """Give it another name."""
        self._span.update_name(name)

    def note(self, attributes: Mapping[str, Value]) -> None:
        """Add attributes."""
        self._span.set_attributes(dict(attributes))

    def failed(self, kind: str) -> None:
        """Mark it as failed."""
        self._span.set_status(Status(StatusCode.ERROR))
        self._span.set_attribute("error.type", kind)
