"""A PostgreSQL of the product's own, started beside the server and stopped with it."""

from app.adapters.embedded_postgres.errors import DataFolderInUse, EmbeddedPostgresError
from app.adapters.embedded_postgres.server import EmbeddedPostgres

__all__ = ["DataFolderInUse", "EmbeddedPostgres", "EmbeddedPostgresError"]
