"""Sessions as they lie in the database once they have ended, with a recording, for workers to analyse."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from uuid import UUID, uuid4

import numpy as np

from app.adapters.blob_filesystem import FilesystemBlobStore
from app.repositories.database import Database
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.sessions import PostgresSessions
from app.repositories.training_cards import absorb_session
from app.services.analysis_coordinator import LearnerTurn
from app.services.session_store import SessionMode, TurnRecord
from app.services.speech import BYTES_PER_MS, SAMPLE_RATE
from app.services.speech.audio_keys import audio_key
from app.services.training_engine import Weakness
from tests.fakes.spoken import Voice, answers

MORNING = """\
Well, in the morning I go to work by bus. (0.5) It takes about two hour, which depends from the traffic. \
(0.8) In the evening I usually cook dinner and I read a book before I go to bed."""
JOURNEY = """\
I would like to tell you about a trip which I made three years ago. (0.9) Last year I go to Khiva with my \
sister and her two daughter. (1.3) We stayed in a small hotel near the old town, and (0.6) every morning \
we walked along the walls before the sun was hot. (0.8) My sister is older and she work in a school, so \
she told us everything about the history. (1.1) If I will have time, I will go there again, because (0.7) \
it was the most beautiful place that I have ever seen."""
TRAVEL = """\
I think people travel because they want to see new places. (0.8) Although it is expensive, they learn a \
lot about other cultures. (1.4) For example, my friend she went to Japan and now she speaks a little \
Japanese."""
TOURISM = """\
In my opinion, tourism is good for the economy, but (0.9) sometimes it is bad for nature. (0.7) Everybody \
have to think about the plastic that they leave."""
DILNOZA = (
    (1, "I live in Samarkand with my family. (0.6) It is a big city and people is very friendly there."),
    (1, "I like my city because (0.7) there are many park and (1.2) the food is very good."),
    (1, MORNING),
    (2, JOURNEY),
    (3, TRAVEL),
    (3, TOURISM),
)
"""A learner of about band 6, with mistakes that speakers of Uzbek make; composed by us."""


@dataclass
class HeldSessions:
    """Ends sessions of any learner; `blobs` is where the server keeps recordings."""

    database: Database
    blobs: FilesystemBlobStore
    made: list[UUID] = field(default_factory=list)

    async def hold(
        self,
        user_id: UUID,
        said: Sequence[tuple[int, str]] = DILNOZA,
        *,
        mode: SessionMode = "quick",
        recorded: bool = True,
        renamed: str | None = None,
    ) -> UUID:
        """Hold a session in which `said` was said, and return its id; its analysis is queued.

        `renamed` stands in the place of the first examiner's line.
        """
        created = await PostgresSessions(self.database).create(user_id, mode=mode, clock="standard", plan={})
        ids = [str(uuid4()) for _ in said]
        spoken = answers(said, Voice(3.4, (0.97, 0.9, 0.95, 0.42, 0.93)), turn_ids=ids)
        end_ms = spoken[-1].speech.end_ms + 1_000 if spoken else 2_000
        store = PostgresLiveSessions(self.database)
        live = await store.claim(created.id, user_id)
        if recorded:
            await self.blobs.put(audio_key(created.id, 0, live.epoch), _sound(spoken, end_ms))
        await store.append(live, [], turns=_records(spoken, renamed))
        summary = {
            "status": "preliminary",
            "answers": len(spoken),
            "words": sum(len(turn.speech.words) for turn in spoken),
            "speaking_ms": sum(turn.speech.speech_ms for turn in spoken),
            "speech_rate_wpm": 118.0,
            "mean_length_run": 7.4,
            "findings": [],
            "next": {"text": "Your bands follow in a moment.", "text_uz": "Ballar birozdan keyin chiqadi."},
        }
        await store.finish(live, [], reason="completed", summary=summary, audio_ms=end_ms if recorded else 0)
        self.made.append(created.id)
        return created.id

    async def train(self, user_id: UUID, found: Sequence[Weakness]) -> None:
        """Make cards of what a session would have found."""
        created = await PostgresSessions(self.database).create(user_id, mode="quick", clock="short", plan={})
        async with self.database.as_service() as connection:
            await absorb_session(connection, user_id, created.id, found)


def _records(spoken: Sequence[LearnerTurn], renamed: str | None) -> list[TurnRecord]:
    records: list[TurnRecord] = []
    for number, turn in enumerate(spoken):
        asked = renamed if renamed and number == 0 else "Could you tell me something about that?"
        at_ms = max(0, turn.speech.start_ms - 1_500)
        records.append(TurnRecord(uuid4(), 2 * number, "examiner", turn.part, asked, at_ms, at_ms + 1_400))
        records.append(
            TurnRecord(
                UUID(turn.turn_id),
                2 * number + 1,
                "learner",
                turn.part,
                turn.speech.text,
                turn.speech.start_ms,
                turn.speech.end_ms,
                words=[asdict(word) for word in turn.speech.words],
                spans=[asdict(span) for span in turn.speech.spans],
            )
        )
    return records


def _sound(spoken: Sequence[LearnerTurn], end_ms: int) -> bytes:
    """Return a quiet tone wherever somebody speaks."""
    samples = np.zeros(end_ms * BYTES_PER_MS // 2, "<i2")
    for turn in spoken:
        for span in turn.speech.spans:
            at = np.arange(span.start_ms * SAMPLE_RATE // 1000, span.end_ms * SAMPLE_RATE // 1000)
            samples[at] = (3_000 * np.sin(2 * np.pi * 220 * at / SAMPLE_RATE)).astype("<i2")
    return samples.tobytes()
