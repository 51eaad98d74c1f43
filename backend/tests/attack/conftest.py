"""Parts of other rooms that an attack needs: two learners with rows everywhere, and the API before them."""

from tests.api.conftest import app, blobs, clock, listener, ready, sign_in
from tests.supabase.conftest import person, tables, world

__all__ = ["app", "blobs", "clock", "listener", "person", "ready", "sign_in", "tables", "world"]
