"""What the page is told of the server it came from."""

from collections.abc import Mapping

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.config import Settings
from app.page import install_page

SUPABASE = {"supabase_url": "https://project.supabase.co", "supabase_jwt_secret": "s" * 40}
KEY = "sb_publishable_1"


@pytest.mark.parametrize(
    ("settings", "offer"),
    [
        ({}, {"kind": "development"}),
        (
            {**SUPABASE, "supabase_publishable_key": KEY},
            {"kind": "supabase", "url": "https://project.supabase.co", "key": KEY},
        ),
        (SUPABASE, {"kind": "none"}),
    ],
)
def test_the_page_knows_how_people_sign_in(settings: Mapping[str, str], offer: Mapping[str, str]) -> None:
    app = FastAPI()
    install_page(app, Settings(_env_file=None, **settings))
    with TestClient(app) as client:
        assert client.get("/api/v1/config").json() == {"sign_in": offer}
