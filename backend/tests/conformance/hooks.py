"""Who schemathesis is: one learner throughout, and somebody else each time an account is to be erased."""

import itertools
import os
from typing import Any

import httpx
import schemathesis

URL = os.environ["CONFORMANCE_URL"]
_leavers = itertools.count()


def _token(name: str) -> str:
    answer = httpx.post(f"{URL}/api/v1/dev/token", json={"user": name}, trust_env=False, timeout=30)
    return str(answer.raise_for_status().json()["access_token"])


class _SignedIn:
    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.auth(refresh_interval=None).apply_to(method="DELETE", path="/api/v1/users/me")
class Leaving(_SignedIn):
    """A new account for every erasure."""

    def get(self, case: Any, context: Any) -> str:
        return _token(f"leaver-{next(_leavers)}")


@schemathesis.auth(refresh_interval=3_600).skip_for(method="DELETE", path="/api/v1/users/me")
class Staying(_SignedIn):
    """The learner whose data was put there."""

    def get(self, case: Any, context: Any) -> str:
        return _token("conformance")
