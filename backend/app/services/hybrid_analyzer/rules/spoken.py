"""A reading as a word model knows it: how likely its words are, and would be with one changed."""

from app.services.hybrid_analyzer.ports import Token, TrigramModel
from app.services.hybrid_analyzer.reading import Reading


class SpokenWords:
    """The words of a reading with clitics attached, as the word model knows them."""

    def __init__(self, reading: Reading, model: TrigramModel) -> None:
        self._model = model
        self._words: list[str] = []
        self._at: dict[int, int] = {}
        end = -1
        for token in reading:
            if token.pos == "PUNCT":
                continue
            if token.start == end and (token.text.startswith("'") or token.lower == "n't"):
                self._words[-1] += token.lower
            else:
                self._at[token.index] = len(self._words)
                self._words.append(token.lower)
            end = token.end

    def _word(self, index: int) -> str:
        if index < 0:
            return "<s>"
        return self._words[index] if index < len(self._words) else "</s>"

    def gain(self, token: Token, inserted: str) -> float | None:
        """Return by how much (ln) the text becomes likelier with a word before `token`; None if unknown."""
        index = self._at.get(token.index)
        if index is None:
            return None
        p = self._model.log_probability
        two, one, here, after = (self._word(index + k) for k in (-2, -1, 0, 1))
        without = (p(two, one, here), p(one, here, after))
        with_it = (p(two, one, inserted), p(one, inserted, here), p(inserted, here, after))
        if None in without or None in with_it:
            return None
        return sum(v for v in with_it if v is not None) - sum(v for v in without if v is not None)

    def gain_of(self, token: Token, other: str) -> float | None:
        """Return by how much (ln) the text becomes likelier with `other` for `token`; None if unknown."""
        index = self._at.get(token.index)
        if index is None or self._words[index] != token.lower:
            return None
        p = self._model.log_probability
        two, one, here, after, next_ = (self._word(index + k) for k in (-2, -1, 0, 1, 2))
        now = (p(two, one, here), p(one, here, after), p(here, after, next_))
        then = (p(two, one, other), p(one, other, after), p(other, after, next_))
        if None in now or None in then:
            return None
        return sum(v for v in then if v is not None) - sum(v for v in now if v is not None)

    def log_ratio(self, word: str, other: str) -> float | None:
        """Return ln of how often `other` is used for each use of `word`."""
        first, second = (self._model.log_probability("", "", w) for w in (word, other))
        return None if first is None or second is None else second - first
