"""What the page is told of this server."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class DevelopmentSignInOffer(BaseModel):
    """A name is enough: `POST /api/v1/dev/token`."""

    kind: Literal["development"] = "development"


class SupabaseSignInOffer(BaseModel):
    """Supabase signs people in: `{url}/auth/v1`, with the key as the header `apikey`."""

    kind: Literal["supabase"] = "supabase"
    url: str = Field(examples=["https://project.supabase.co"])
    key: str = Field(description="The project's publishable key.", examples=["sb_publishable_..."])


class NoSignInOffer(BaseModel):
    """Tokens are verified, but where they come from is not set up for the page."""

    kind: Literal["none"] = "none"


SignInOffer = Annotated[
    DevelopmentSignInOffer | SupabaseSignInOffer | NoSignInOffer, Field(discriminator="kind")
]


class PageConfig(BaseModel):
    """How people sign in on this server."""

    sign_in: SignInOffer
