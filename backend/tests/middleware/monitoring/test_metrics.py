"""Numbers that can be read from outside, and an alarm when something holds the event loop."""

import asyncio
import time

from structlog.testing import capture_logs

from app.api.websocket.latency import TurnLatency
from app.background import beside
from app.middleware.monitoring import PrometheusMeter, exposition, watch_loop
from app.services.language_model import Usage
from app.services.prompt_manager import CallEnd


def test_what_was_measured_is_served() -> None:
    meter = PrometheusMeter()
    meter.session_started("full")
    meter.session_started("quick")
    meter.session_ended("quick", "completed")
    meter.turn_answered(TurnLatency(1, silence_ms=1_250, transcript_ms=300, reply_ms=70, voice_ms=50))
    meter.reply_played(120)
    meter.cut_off(None)
    meter.session_resumed()
    meter.refused("audio_gap")
    meter.queued(inbound=640, outbound=1_280)
    meter.loop_was_late(0.004)
    meter.model_asked("replied", 1.5)
    meter.model_called("review@1", CallEnd("replied", 700, Usage(100, 20), "gemini", "gemini-1"))
    meter.model_called("review@1", CallEnd("spent", 0, Usage()))
    meter.model_called("review@1", CallEnd("late", 800, None))
    meter.proposals("quote_not_in_transcript", 2)
    meter.rule_switched("DET-A-AN", off=True)
    meter.rule_switched("UZ-G01", off=True)
    meter.rule_switched("UZ-G01", off=False)
    meter.request_served("GET", "/api/v1/sessions", 200, 0.003)
    meter.problem_answered("session_not_found")
    meter.rate_limited("heavy", "user")
    meter.job_attempted("analysis", "done", 4.5)
    meter.provider_is("gemini", "half_open")
    served = exposition(meter).decode().splitlines()
    assert {
        'speakmate_sessions_active{mode="full"} 1.0',
        'speakmate_sessions_active{mode="quick"} 0.0',
        'speakmate_sessions_ended_total{mode="quick",reason="completed"} 1.0',
        'speakmate_turn_silence_seconds_sum{part="1"} 1.25',
        'speakmate_turn_transcript_seconds_sum{part="1"} 0.3',
        'speakmate_turn_choice_seconds_sum{part="1"} 0.02',
        'speakmate_turn_voice_seconds_sum{part="1"} 0.05',
        "speakmate_voice_played_seconds_sum 0.12",
        'speakmate_false_cut_offs_total{part="0"} 1.0',
        "speakmate_resumes_total 1.0",
        'speakmate_errors_total{code="audio_gap"} 1.0',
        'speakmate_queue_bytes{direction="in"} 640.0',
        'speakmate_queue_bytes{direction="out"} 1280.0',
        "speakmate_loop_lag_seconds 0.004",
        "speakmate_loop_blocked_total 0.0",
        'speakmate_llm_reply_seconds_sum{outcome="replied"} 1.5',
        'speakmate_llm_call_seconds_sum{outcome="replied",prompt="review@1",provider="gemini"} 0.7',
        'speakmate_llm_call_seconds_sum{outcome="late",prompt="review@1",provider="none"} 0.8',
        'speakmate_llm_tokens_total{direction="input",provider="gemini"} 100.0',
        'speakmate_llm_proposals_total{outcome="quote_not_in_transcript"} 2.0',
        'speakmate_rule_switched_off{rule="DET-A-AN"} 1.0',
        'speakmate_rule_switched_off{rule="UZ-G01"} 0.0',
        'speakmate_http_request_seconds_sum{method="GET",route="/api/v1/sessions",status="200"} 0.003',
        'speakmate_problems_total{code="session_not_found"} 1.0',
        'speakmate_rate_limited_total{by="user",route_class="heavy"} 1.0',
        'speakmate_job_seconds_sum{kind="analysis",outcome="done"} 4.5',
        'speakmate_helper_up{name="gemini"} 0.0',
    } <= set(served)


async def test_a_blocking_call_on_the_loop_raises_the_alarm() -> None:
    meter = PrometheusMeter()
    with capture_logs() as logs:
        async with beside(watch_loop(meter.loop_was_late), name="loop.watch"):
            await asyncio.sleep(0.05)
            time.sleep(0.2)  # noqa: ASYNC251 - the fault that is looked for
            await asyncio.sleep(0.05)
    alarms = [entry for entry in logs if entry["event"] == "loop.lag"]
    assert alarms
    assert alarms[0]["log_level"] == "warning"
    assert alarms[0]["lag_ms"] >= 100
    assert meter.registry.get_sample_value("speakmate_loop_blocked_total") == len(alarms)
