"""The database of a start: the one in DATABASE_URL, or our own for as long as the start lasts."""

import contextlib
from collections.abc import Iterator

import psycopg

from app.adapters.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from app.config import Settings
from app.modes.errors import CannotStart
from app.repositories.schema import SchemaDrift, apply_schema


@contextlib.contextmanager
def with_database(settings: Settings) -> Iterator[Settings]:
    """Yield the settings with `database_url` set.

    The embedded database is started, brought to the current schema and stopped at the end; a database of the
    operator's is left as it is. Raises CannotStart.
    """
    if settings.database_url:
        yield settings
        return
    with contextlib.ExitStack() as held:
        try:
            server = held.enter_context(EmbeddedPostgres(settings.data_dir))
            apply_schema(
                server.superuser_conninfo, login_role=server.login_role, login_password=server.login_password
            )
        except (EmbeddedPostgresError, SchemaDrift) as reason:
            raise CannotStart(str(reason)) from reason
        except psycopg.Error as refused:
            raise CannotStart(f"The database refuses the schema: {refused}") from refused
        yield settings.model_copy(update={"database_url": server.conninfo})
