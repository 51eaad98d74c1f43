"""A server as `run.py` starts it, database and all, with a few lines instead of the product's application."""

import sys
from types import ModuleType

import psycopg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.config import Settings
from app.modes import serve
from app.modes.arguments import parse
from app.modes.errors import CannotStart


def create_app(settings: Settings) -> Starlette:
    async def role(request: Request) -> PlainTextResponse:
        async with await psycopg.AsyncConnection.connect(settings.database_url) as connection:
            row = await (await connection.execute("select current_user")).fetchone()
        return PlainTextResponse("" if row is None else row[0])

    return Starlette(routes=[Route("/role", role)])


def main(argv: list[str]) -> int:
    main_module = ModuleType("app.main")
    main_module.create_app = create_app  # type: ignore[attr-defined]
    sys.modules["app.main"] = main_module
    try:
        return serve.run(parse(argv))
    except CannotStart as reason:
        sys.stderr.write(f"{reason}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
