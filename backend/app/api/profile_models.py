"""The learner's profile as the REST API takes and gives it."""

from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.api.fields import Day
from app.api.models import EXAMPLE_TIME
from app.services.accounts import Profile
from app.services.training_engine import Algorithm


@cache
def _time_zones() -> set[str]:
    """Known names; reading them walks the zone files."""
    return available_timezones()


def _known_time_zone(name: str) -> str:
    if name not in _time_zones():
        raise ValueError("not an IANA time zone, such as Asia/Tashkent")
    return name


def _without_control_characters(text: str) -> str:
    if any(not character.isprintable() for character in text):
        raise ValueError("control characters are not allowed")
    return text


Language = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35, strict=True)
]
DisplayName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80, strict=True),
    AfterValidator(_without_control_characters),
]
TimeZone = Annotated[
    str,
    StringConstraints(strict=True),
    AfterValidator(_known_time_zone),
    Field(json_schema_extra=lambda schema: schema.update(enum=sorted(_time_zones()))),
]
Band = Annotated[float, Field(ge=1, le=9, multiple_of=0.5, strict=True, allow_inf_nan=False)]


class UserProfile(BaseModel):
    """The signed-in learner."""

    id: str = Field(description="The learner's id.", examples=["5d1f3a5e-2a9e-4a11-9f0d-0d2b8f1f6c01"])
    display_name: str | None = Field(description="What the learner wants to be called.", examples=["Dilnoza"])
    native_language: str = Field(description="BCP 47 tag of the first language.", examples=["uz"])
    interface_language: str = Field(description="BCP 47 tag of the language to explain in.", examples=["en"])
    target_band: float | None = Field(description="The band aimed at, in half steps.", examples=[6.5])
    exam_date: date | None = Field(description="When the real exam is.", examples=["2026-09-12"])
    time_zone: str = Field(description="IANA time zone.", examples=["Asia/Tashkent"])
    scheduler: Algorithm = Field(description="What decides when drills come back.", examples=["sm2"])
    created_at: datetime = Field(description="UTC.", examples=[EXAMPLE_TIME])
    updated_at: datetime = Field(description="UTC.", examples=[EXAMPLE_TIME])

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """Show the profile."""
        return cls(
            id=str(profile.id),
            display_name=profile.display_name,
            native_language=profile.native_language,
            interface_language=profile.interface_language,
            target_band=profile.target_band,
            exam_date=profile.exam_date,
            time_zone=profile.time_zone,
            scheduler=profile.scheduler,
            created_at=profile.created_at,
            updated_at=profile.updated_at,
        )


class ProfileChanges(BaseModel):
    """The fields to change; what is left out stays. `null` clears display_name, target_band and exam_date."""

    model_config = ConfigDict(extra="forbid", strict=True)

    display_name: DisplayName | None = Field(None, examples=["Dilnoza"])
    native_language: Language = Field("uz", examples=["uz"])
    interface_language: Language = Field("en", examples=["en"])
    target_band: Band | None = Field(None, examples=[6.5])
    exam_date: Day | None = Field(None, examples=["2026-09-12"])
    time_zone: TimeZone = Field("Asia/Tashkent", examples=["Asia/Tashkent"])
    scheduler: Algorithm = Field("sm2", description="A change replays what was answered so far.")

    def named(self) -> dict[str, Any]:
        """Return the fields that the request named, with their new values."""
        return self.model_dump(exclude_unset=True)
