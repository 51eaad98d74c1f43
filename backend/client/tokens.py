"""The access token of a user, and how to get the next one when it has expired."""

from collections.abc import Awaitable, Callable

from client.errors import SessionRefused

Refresh = Callable[[], Awaitable[str]]
"""Fetches a fresh token, e.g. with the refresh token of Supabase. Raises ClientError."""


class Tokens:
    """One token at a time; without `refresh` there is no other after it."""

    def __init__(self, token: str | None = None, refresh: Refresh | None = None) -> None:
        self._token = token
        self._refresh = refresh

    @property
    def token(self) -> str:
        """The token in use. Raises SessionRefused `no_token` before there is one."""
        if self._token is None:
            raise SessionRefused("no_token", "Give a token, or sign in first.")
        return self._token

    def use(self, token: str, refresh: Refresh) -> None:
        """Use this token from now on, and this way to the next one."""
        self._token, self._refresh = token, refresh

    async def renew(self) -> bool:
        """Replace a token that was refused; return False when there is no way to. Raises ClientError."""
        if self._refresh is None:
            return False
        self._token = await self._refresh()
        return True
