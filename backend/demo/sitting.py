"""One exam, from creating the session to its stored analysis."""

from dataclasses import dataclass
from typing import Any

from client import ExamClient, TimingsReport
from demo.conductor import Conductor, View
from demo.learner import Learner

ANALYSIS_TIMEOUT_S = 180.0


class NotHeld(Exception):
    """The server closed in good order, but the exam was never begun or never summed up."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """A finished exam. `session` and `analysis` are as the REST API has them."""

    session: dict[str, Any]
    analysis: dict[str, Any]
    timings: TimingsReport


async def sit(client: ExamClient, learner: Learner, view: View, *, mode: str, clock: str) -> Sitting:
    """Hold an exam and wait for its analysis. Raises ClientError, or NotHeld."""
    created = await client.create_session(mode, clock=clock)
    session_id = str(created["id"])
    async with client.exam(session_id) as exam:
        await exam.start()
        conductor = Conductor(exam, learner, view)
        await conductor.run()
        timings = exam.timings.report()
    session = await client.rest.session(session_id)
    if session["status"] != "ended":
        raise NotHeld(f"The session is {session['status']}, but the server closed the connection.")
    analysis = await client.analysis(session_id, timeout_s=ANALYSIS_TIMEOUT_S)
    return Sitting(session, analysis, timings)
