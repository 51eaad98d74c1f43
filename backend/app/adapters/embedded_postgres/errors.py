"""What can go wrong with the embedded database; messages say what to do."""


class EmbeddedPostgresError(Exception):
    """The embedded database cannot be started or has failed."""


class DataFolderInUse(EmbeddedPostgresError):
    """Another live process of the product holds this data folder."""
