"""What tells who somebody is, found in text and masked before it leaves or is logged."""

from app.services.pii.credentials import without_credentials
from app.services.pii.masking import Masker, redacted
from app.services.pii.names import is_ordinary, names_said

__all__ = ["Masker", "is_ordinary", "names_said", "redacted", "without_credentials"]
