"""A local server that speaks Gemini's REST protocol and OpenAI's chat completions, as far as we use them."""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_GEMINI = re.compile(r"/v1\w*/models/(?P<model>[^/:]+):generateContent")
_OPENAI = "/v1/chat/completions"


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def user(self) -> str:
        """The user's message."""
        if "messages" in self.body:
            return str(self.body["messages"][1]["content"])
        return str(self.body["contents"][0]["parts"][0]["text"])

    @property
    def system(self) -> str:
        """The instructions."""
        if "messages" in self.body:
            return str(self.body["messages"][0]["content"])
        return str(self.body["systemInstruction"]["parts"][0]["text"])


@dataclass(frozen=True)
class Step:
    """What the server does with a request.

    `text` is the model's reply; `status` another status than 200; `raw` a body as it stands. `hangs` sends
    nothing until the server stops, `drops` closes the connection half way through the reply.
    """

    text: str = "{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    finish: str = ""
    hangs: bool = False
    drops: bool = False


Answering = Callable[[Asked], Step]


@dataclass
class ModelServer:
    """What was asked, and what is answered: `steps` in order, then `then` again and again."""

    url: str
    steps: list[Step] = field(default_factory=list)
    then: Answering = lambda asked: Step()
    asked: list[Asked] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def answer(self, asked: Asked) -> Step:
        """Note the request and return what is due."""
        self.asked.append(asked)
        return self.steps.pop(0) if self.steps else self.then(asked)


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """Serve on a free port of this machine while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            gemini = _GEMINI.fullmatch(self.path)
            if not gemini and self.path != _OPENAI:
                self._send(404, b'{"error": {"code": 404, "message": "no such path"}}', {})
                return
            step = server.answer(Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if step.hangs:
                server.stopping.wait(30)
                self.close_connection = True
                return
            reply = _gemini(step) if gemini else _openai(step)
            raw = step.raw if step.raw is not None else json.dumps(reply).encode()
            if step.drops:
                self._send(200, raw[: len(raw) // 2], {"content-length": str(len(raw))})
                self.close_connection = True
                return
            self._send(step.status, raw, step.headers)

        def _send(self, status: int, raw: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {
                "content-type": "application/json",
                "content-length": str(len(raw)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    server = ModelServer(f"http://127.0.0.1:{httpd.server_port}")
    serving = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    serving.start()
    try:
        yield server
    finally:
        server.stopping.set()
        httpd.shutdown()
        httpd.server_close()
        serving.join()


def _gemini(step: Step) -> dict[str, Any]:
    if step.status != 200:
        return {"error": {"code": step.status, "message": "said no", "status": "UNAVAILABLE"}}
    usage = {
        "promptTokenCount": 90,
        "candidatesTokenCount": 12,
        "thoughtsTokenCount": 8,
        "totalTokenCount": 110,
    }
    if step.finish == "PROMPT":
        return {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": usage}
    candidate = {
        "content": {"role": "model", "parts": [{"text": "hm", "thought": True}, {"text": step.text}]},
        "finishReason": step.finish or "STOP",
        "index": 0,
    }
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-served"}


def _openai(step: Step) -> dict[str, Any]:
    if step.status != 200:
        return {"error": {"message": "said no", "type": "server_error"}}
    message = {"role": "assistant", "content": step.text}
    finish = {"SAFETY": "content_filter", "PROMPT": "content_filter", "MAX_TOKENS": "length"}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "local-served",
        "choices": [{"index": 0, "message": message, "finish_reason": finish.get(step.finish, "stop")}],
        "usage": {"prompt_tokens": 90, "completion_tokens": 20, "total_tokens": 110},
    }
