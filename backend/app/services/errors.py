"""What any store may answer when it cannot serve for now; nothing was written."""


class StorageUnavailable(Exception):
    """The store cannot be reached or gave up midway; trying again later may help."""


class StorageBusy(StorageUnavailable):
    """Every connection to the store was in use for longer than a caller may wait."""
