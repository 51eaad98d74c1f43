"""An exam that nobody watches."""

from app.api.websocket.protocol import CueCard


class Unseen:
    """A View that shows nothing."""

    def examiner(self, at_ms: int, text: str) -> None:
        """The examiner says a line."""

    def card(self, card: CueCard, preparation_ms: int | None) -> None:
        """The learner is handed the card."""

    def learner(self, at_ms: int, text: str) -> None:
        """What the learner said, as recognised."""

    def partial(self, at_ms: int, text: str) -> None:
        """What the learner is saying, as recognised so far."""

    def note(self, text: str) -> None:
        """Something worth knowing."""

    def working(self, what: str, seconds: int) -> None:
        """The server has been at work on something for so long."""
