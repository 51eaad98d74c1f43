"""The practice page: the files of web/, as they are, with what a browser needs to keep them."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

COMPRESS_FROM_BYTES = 512
"""Below this a compressed file saves no packet."""

CACHE_CONTROL = "no-cache"
"""A browser keeps each file and asks whether it has changed: files have no version in their name, and modules
of two versions must not meet."""

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_COMPRESSED = {".css", ".html", ".js", ".json", ".svg"}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file to serve. `compressed` is it in gzip, or None where that saves nothing."""

    content: bytes
    compressed: bytes | None
    media_type: str
    etag: str


class PageFiles:
    """The files under a folder, kept in memory and read again when they change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._kept: dict[Path, tuple[tuple[int, int], PageFile]] = {}

    def find(self, path: str) -> PageFile | None:
        """Return the file at `path` below the folder; None where there is none of a kind that is served."""
        try:
            file = (self._folder / path).resolve()
            if not file.is_relative_to(self._folder) or file.suffix not in _TYPES or not file.is_file():
                return None
            stat = file.stat()
        except (OSError, ValueError):  # a name that no file can have
            return None
        state = (stat.st_mtime_ns, stat.st_size)
        known = self._kept.get(file)
        if known is None or known[0] != state:
            known = self._kept[file] = (state, _read(file))
        return known[1]


def _read(file: Path) -> PageFile:
    content = file.read_bytes()
    compressed = None
    if file.suffix in _COMPRESSED and len(content) >= COMPRESS_FROM_BYTES:
        compressed = gzip.compress(content, mtime=0)
    digest = hashlib.sha256(content).hexdigest()[:20]
    return PageFile(content, compressed, _TYPES[file.suffix], digest)


def page_router(folder: Path) -> APIRouter:
    """Return the routes of the page: index.html at `/`, everything else under `/web/`."""
    files = PageFiles(folder)
    router = APIRouter()

    @router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    def index(request: Request) -> Response:
        return _answer(request, files.find("index.html"))

    @router.api_route("/web/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    def file(request: Request, path: str) -> Response:
        return _answer(request, files.find(path))

    return router


def _answer(request: Request, file: PageFile | None) -> Response:
    if file is None:
        raise HTTPException(404)
    zipped = file.compressed is not None and "gzip" in request.headers.get("accept-encoding", "")
    etag = f'"{file.etag}-gz"' if zipped else f'"{file.etag}"'
    headers = {"ETag": etag, "Cache-Control": CACHE_CONTROL, "Vary": "Accept-Encoding"}
    if etag in (one.strip() for one in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(file.compressed if zipped else file.content, media_type=file.media_type, headers=headers)
