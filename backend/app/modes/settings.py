"""The settings of a start: the environment and .env, then the command line, then what production demands."""

from pydantic import ValidationError

from app.config import Settings
from app.modes.arguments import Command
from app.modes.errors import CannotStart


def load_settings(command: Command) -> Settings:
    """Return the settings for `command`. Raises CannotStart that names every setting at fault."""
    said: dict[str, object] = {"host": command.host, "port": command.port, "data_dir": command.data_dir}
    if command.mode in {"dev", "prod"}:
        said["environment"] = command.mode
    try:
        settings = Settings.model_validate({name: value for name, value in said.items() if value is not None})
    except ValidationError as invalid:
        raise CannotStart(_listed("Settings are not valid", _problems(invalid))) from None
    if settings.environment == "prod" and (problems := settings.production_problems()):
        raise CannotStart(_listed("Production is not configured", problems))
    return settings


def as_environment(settings: Settings) -> dict[str, str]:
    """Return what the command line may have changed, for a process that reads its settings itself."""
    names = ("environment", "host", "port", "data_dir", "database_url")
    return {name.upper(): str(getattr(settings, name)) for name in names}


def _problems(invalid: ValidationError) -> list[str]:
    return [f"{'.'.join(map(str, error['loc'])).upper()}: {error['msg']}." for error in invalid.errors()]


def _listed(title: str, problems: list[str]) -> str:
    return "\n  ".join([f"{title} (see backend/.env.example):", *problems])
