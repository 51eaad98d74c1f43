"""What a process counts and measures, for Prometheus at /metrics.

Names and labels are stable; times are seconds.

    speakmate_http_request_seconds{method,route,status}   requests by route template, answered or failed
    speakmate_problems_total{code}            problem documents answered, by their code
    speakmate_rate_limited_total{route_class,by}   refused by a limit; `by` is ip or user
    speakmate_job_seconds{kind,outcome}       attempts of background jobs: done, failed, erased or lost
    speakmate_jobs_due{kind}                  jobs that wait for a worker
    speakmate_jobs_oldest_due_seconds{kind}   how long the one that waits longest was due
    speakmate_jobs_running{kind}              jobs in hand of a worker that lives
    speakmate_turn_silence_seconds{part}      end of speech -> the turn is taken as over
    speakmate_turn_transcript_seconds{part}   -> the final transcript
    speakmate_turn_choice_seconds{part}       -> the next line is chosen
    speakmate_turn_voice_seconds{part}        -> the first of its voice is sent
    speakmate_voice_played_seconds            -> the client has begun to play it
    speakmate_false_cut_offs_total{part}      turns taken as over while the learner went on within 2 s
    speakmate_resumes_total                   clients that came back to their session
    speakmate_errors_total{code}              error events sent
    speakmate_queue_bytes{direction}          received and not yet taken (in), queued and not yet read (out)
    speakmate_sessions_ended_total{mode,reason}
    speakmate_sessions_active{mode}
    speakmate_llm_reply_seconds{outcome}      a language model replied about an answer, or why it did not
    speakmate_llm_call_seconds{prompt,provider,outcome}   one call with a version of a prompt
    speakmate_llm_tokens_total{provider,direction}        what it cost; direction is input or output
    speakmate_llm_dollars_total{provider}     in US dollars, where prices are set
    speakmate_llm_proposals_total{outcome}    what became of what it proposed; a refusal by its reason
    speakmate_examiner_lines_total{outcome}   Part 3 lines worded by a model, or scripted and why
    speakmate_stt_seconds_total{provider}     seconds of audio sent to a speech service
    speakmate_tts_characters_total{provider}  characters of lines sent to a speech service
    speakmate_stt_substituted_total           turns of which the local recogniser heard some in its place
    speakmate_rule_switched_off{rule}         1 for a rule that learners' disputes have switched off
    speakmate_helper_up{name}                 whether Redis, or a provider of models or speech, is in use
    speakmate_loop_lag_seconds                how late the event loop was at the last look
    speakmate_loop_blocked_total              how often it was held for more than 50 ms

The numbers of jobs are read from the database when they are asked for, and are missing while it is away.
A session that goes on in another process has the reason `moved` here and is active there. Under `--workers N`
every process serves the numbers of all of them: the supervisor sets PROMETHEUS_MULTIPROC_DIR.
`part` is 1, 2, 3, or 0 outside the parts.
"""

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from app.api.websocket.latency import TurnLatency
from app.services.language_model import ProviderState
from app.services.prompt_manager import CallEnd

LAG_ALARM_S = 0.05
_REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_JOB_BUCKETS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0)
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.2, 1.6, 2.4, 4.0, 6.0, 10.0)

log = structlog.get_logger()


class PrometheusMeter:
    """Implements whatever is called a meter where it is used.

    One a process; its numbers live in `registry`, and what was last told of providers in `providers`.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.providers: dict[str, ProviderState] = {}
        self._requests = Histogram(
            "speakmate_http_request_seconds",
            "Requests, from their arrival to the end of the answer.",
            ["method", "route", "status"],
            registry=registry,
            buckets=_REQUEST_BUCKETS,
        )
        self._problems = Counter(
            "speakmate_problems", "Problem documents answered.", ["code"], registry=registry
        )
        self._limited = Counter(
            "speakmate_rate_limited", "Refused by a limit.", ["route_class", "by"], registry=registry
        )
        self._jobs = Histogram(
            "speakmate_job_seconds",
            "Attempts of background jobs.",
            ["kind", "outcome"],
            registry=registry,
            buckets=_JOB_BUCKETS,
        )
        self._phases = {
            name: Histogram(
                f"speakmate_turn_{name}_seconds", text, ["part"], registry=registry, buckets=_BUCKETS
            )
            for name, text in (
                ("silence", "From the end of speech to the end of the turn."),
                ("transcript", "From the end of the turn to the final transcript."),
                ("choice", "From the final transcript to the choice of the next line."),
                ("voice", "From the choice of a line to the first of its voice."),
            )
        }
        self._played = Histogram(
            "speakmate_voice_played_seconds",
            "From the first voice frame to its playing.",
            registry=registry,
            buckets=_BUCKETS,
        )
        self._cut_offs = Counter(
            "speakmate_false_cut_offs", "Learners who went on after the turn.", ["part"], registry=registry
        )
        self._resumes = Counter("speakmate_resumes", "Clients that came back.", registry=registry)
        self._errors = Counter("speakmate_errors", "Error events sent.", ["code"], registry=registry)
        self._ended = Counter(
            "speakmate_sessions_ended", "Sessions ended.", ["mode", "reason"], registry=registry
        )
        self._active = Gauge(
            "speakmate_sessions_active",
            "Sessions under way.",
            ["mode"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._replies = Histogram(
            "speakmate_llm_reply_seconds",
            "A language model's reply about an answer.",
            ["outcome"],
            registry=registry,
            buckets=(0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 20.0),
        )
        self._calls = Histogram(
            "speakmate_llm_call_seconds",
            "A call to a language model.",
            ["prompt", "provider", "outcome"],
            registry=registry,
            buckets=(0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 20.0),
        )
        self._tokens = Counter(
            "speakmate_llm_tokens", "Tokens.", ["provider", "direction"], registry=registry
        )
        self._dollars = Counter("speakmate_llm_dollars", "Cost of tokens.", ["provider"], registry=registry)
        self._proposals = Counter(
            "speakmate_llm_proposals", "What became of proposals.", ["outcome"], registry=registry
        )
        self._lines = Counter(
            "speakmate_examiner_lines", "Lines that might be worded.", ["outcome"], registry=registry
        )
        self._stt_seconds = Counter(
            "speakmate_stt_seconds", "Audio sent to a speech service.", ["provider"], registry=registry
        )
        self._tts_characters = Counter(
            "speakmate_tts_characters", "Text sent to a speech service.", ["provider"], registry=registry
        )
        self._stt_substituted = Counter(
            "speakmate_stt_substituted", "Turns heard by the local recogniser instead.", registry=registry
        )
        self._rules_off = Gauge(
            "speakmate_rule_switched_off",
            "Rules that have switched themselves off.",
            ["rule"],
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._helpers = Gauge(
            "speakmate_helper_up",
            "Whether what the product can do without answers.",
            ["name"],
            registry=registry,
            multiprocess_mode="livemin",
        )
        self._lag = Gauge(
            "speakmate_loop_lag_seconds",
            "Lateness of the event loop.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._queued = Gauge(
            "speakmate_queue_bytes",
            "Bytes that wait for sessions (in) and for clients (out).",
            ["direction"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._blocked = Counter(
            "speakmate_loop_blocked", "Times the event loop was held for too long.", registry=registry
        )

    def request_served(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request to a route, named by its template, was answered or failed."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def problem_answered(self, code: str) -> None:
        """A request was answered with a problem document of this code."""
        self._problems.labels(code).inc()

    def rate_limited(self, route_class: str, by: str) -> None:
        """A request or connection was refused by the limit of an `ip` or a `user` on a class of routes."""
        self._limited.labels(route_class, by).inc()

    def job_attempted(self, kind: str, outcome: str, seconds: float) -> None:
        """A worker has tried a job: it is `done`, `failed`, or its session `erased` or its lease `lost`."""
        self._jobs.labels(kind, outcome).observe(seconds)

    def session_started(self, mode: str) -> None:
        """An exam has begun."""
        self._active.labels(mode).inc()

    def session_ended(self, mode: str, reason: str) -> None:
        """An exam is over."""
        self._active.labels(mode).dec()
        self._ended.labels(mode, reason).inc()

    def session_resumed(self) -> None:
        """A client has come back to its session."""
        self._resumes.inc()

    def turn_answered(self, latency: TurnLatency) -> None:
        """The examiner has replied to an answer."""
        part = str(latency.part or 0)
        for name, ms in (
            ("silence", latency.silence_ms),
            ("transcript", latency.transcript_ms),
            ("choice", latency.reply_ms - latency.voice_ms),
            ("voice", latency.voice_ms),
        ):
            self._phases[name].labels(part).observe(ms / 1000)

    def reply_played(self, after_ms: int) -> None:
        """The client has begun to play a line, so long after its first frame was sent."""
        self._played.observe(after_ms / 1000)

    def cut_off(self, part: int | None) -> None:
        """A turn was taken as over too early."""
        self._cut_offs.labels(str(part or 0)).inc()

    def refused(self, code: str) -> None:
        """A client was told of an error."""
        self._errors.labels(code).inc()

    def model_asked(self, outcome: str, seconds: float) -> None:
        """A language model was asked about an answer, and replied or why not."""
        self._replies.labels(outcome).observe(seconds)

    def model_called(self, prompt: str, end: CallEnd) -> None:
        """A language model was called with this version of a prompt, or its budget forbade it."""
        provider = end.provider or "none"
        self._calls.labels(prompt, provider, end.outcome).observe(end.latency_ms / 1000)
        if end.usage is not None:
            self._tokens.labels(provider, "input").inc(end.usage.input_tokens)
            self._tokens.labels(provider, "output").inc(end.usage.output_tokens)
            self._dollars.labels(provider).inc(end.usage.dollars)

    def proposals(self, outcome: str, count: int) -> None:
        """So many of its proposals were kept or refused."""
        self._proposals.labels(outcome).inc(count)

    def line_worded(self, outcome: str) -> None:
        """A Part 3 line was `worded` by a model, or was said as scripted for this reason."""
        self._lines.labels(outcome).inc()

    def audio_sent(self, provider: str, seconds: float) -> None:
        """A speech service got so much audio."""
        self._stt_seconds.labels(provider).inc(seconds)

    def text_sent(self, provider: str, characters: int) -> None:
        """A speech service got so much text."""
        self._tts_characters.labels(provider).inc(characters)

    def recogniser_substituted(self) -> None:
        """The local recogniser hears a turn, or the rest of one, that a speech service should have heard."""
        self._stt_substituted.inc()

    def rule_switched(self, rule_id: str, *, off: bool) -> None:
        """A rule was found switched off, or on again."""
        self._rules_off.labels(rule_id).set(off)

    def queued(self, inbound: int, outbound: int) -> None:
        """So many bytes wait for sessions, and so many for clients."""
        self._queued.labels("in").set(inbound)
        self._queued.labels("out").set(outbound)

    def redis_is(self, up: bool) -> None:
        """Redis has come or gone."""
        self._helpers.labels("redis").set(up)

    def shared_limits_are(self, up: bool) -> None:
        """Requests are counted for all processes in one place, or by each one alone."""
        self._helpers.labels("rate_limits").set(up)

    def provider_is(self, name: str, state: ProviderState) -> None:
        """The breaker of a provider of models or speech stands like this."""
        self.providers[name] = state
        self._helpers.labels(name).set(state == "closed")

    def loop_was_late(self, lag_s: float) -> None:
        """The event loop came so much too late to its last look; more than 50 ms are reported."""
        self._lag.set(lag_s)
        if lag_s > LAG_ALARM_S:
            self._blocked.inc()
            log.warning("loop.lag", lag_ms=round(lag_s * 1000))
