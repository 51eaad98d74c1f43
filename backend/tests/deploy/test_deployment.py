"""Image, compose file, manifests, units and proxy agree with the settings and with one another."""

import configparser
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.api.routes.health import router as health
from app.config import REPOSITORY, REQUIRED_IN_PRODUCTION, Settings
from app.modes.arguments import parse

DEPLOY = REPOSITORY / "deploy"
VARIABLES = {name.upper() for name in Settings.model_fields}
DEFAULTS = Settings.model_fields
DRAIN_SECONDS = DEFAULTS["drain_seconds"].default
OF_OTHERS = {"SPEAKMATE_DOMAIN", "SPEAKMATE_UPSTREAM", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((REPOSITORY / "compose.yaml").read_text())
MANIFESTS: list[dict[str, Any]] = [
    document
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text())
]
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def manifests(kind: str) -> dict[str, dict[str, Any]]:
    """Return the manifests of a kind, by name."""
    return {each["metadata"]["name"]: each for each in MANIFESTS if each["kind"] == kind}


DEPLOYMENTS = manifests("Deployment")
OURS = ("server", "worker")
MAP: dict[str, str] = manifests("ConfigMap")["speakmate"]["data"]


def pod(name: str) -> dict[str, Any]:
    spec: dict[str, Any] = DEPLOYMENTS[name]["spec"]["template"]["spec"]
    return spec


def container(name: str) -> dict[str, Any]:
    (only,) = pod(name)["containers"]
    return dict(only)


def unit(path: Path) -> dict[str, str]:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    parser.read_string(path.read_text())
    return dict(parser["Service"])


def variables() -> Iterator[tuple[str, str]]:
    """Yield every variable that something here sets, with its value."""
    for service in COMPOSE["services"].values():
        yield from service.get("environment", {}).items()
    yield from MAP.items()
    for path in UNITS:
        _, *words = unit(path)["ExecStart"].replace("\\\n", " ").split()
        yield from (word.split("=", 1) for word in words if "=" in word)  # type: ignore[misc]
    for line in re.findall(r"^ENV (.*)$", DOCKERFILE, re.MULTILINE):
        yield from (pair.split("=", 1) for pair in line.split())


def test_every_variable_is_one_that_the_product_reads_and_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables():
        assert name in VARIABLES | OF_OTHERS, name
        if name in VARIABLES:
            monkeypatch.setenv(name, value)
            Settings(_env_file=None)  # type: ignore[call-arg]
            monkeypatch.delenv(name)


def test_what_production_requires_comes_from_the_secret_or_the_file() -> None:
    told = (DEPLOY / "kubernetes/settings.yaml").read_text()
    for name in (*REQUIRED_IN_PRODUCTION, "SUPABASE_JWT_SECRET", "LOG_HASH_KEY"):
        assert name in told
        assert name not in MAP
    for name in OURS:
        assert container(name)["envFrom"] == [
            {"configMapRef": {"name": "speakmate"}},
            {"secretRef": {"name": "speakmate"}},
        ]
        assert COMPOSE["services"][name]["env_file"] == "backend/.env"


def test_recordings_go_to_storage_where_pods_keep_nothing() -> None:
    """A volume that is gone with its pod must never be where recordings are."""
    chosen = {name.lower(): value for name, value in MAP.items() if name in {"ENVIRONMENT", "BLOB_STORE"}}
    assert Settings(_env_file=None, **chosen).blobs_in() == "supabase"
    assert "SUPABASE_KEY" in REQUIRED_IN_PRODUCTION
    for name in OURS:
        assert all("emptyDir" in volume for volume in pod(name)["volumes"])


def test_ports_are_the_same_everywhere() -> None:
    port, worker_port = str(DEFAULTS["port"].default), MAP["WORKER_PORT"]
    assert dict(variables())["WORKER_PORT"] == worker_port
    assert {value for name, value in variables() if name == "PORT"} == {port}
    assert f"EXPOSE {port}" in DOCKERFILE
    services = COMPOSE["services"]
    assert (services["server"]["expose"], services["worker"]["expose"]) == ([port], [worker_port])
    assert services["proxy"]["environment"]["SPEAKMATE_UPSTREAM"] == f"server:{port}"
    assert f"127.0.0.1:{port}" in (DEPLOY / "Caddyfile").read_text()
    for name, expected in (("server", port), ("worker", worker_port)):
        assert [each["containerPort"] for each in container(name)["ports"]] == [int(expected)]
    policy = manifests("NetworkPolicy")["server-and-worker"]["spec"]["ingress"][0]
    assert [each["port"] for each in policy["ports"]] == [int(port), int(worker_port)]
    assert f'prometheus.io/port: "{port}"' in (DEPLOY / "kubernetes/server.yaml").read_text()
    assert f'prometheus.io/port: "{worker_port}"' in (DEPLOY / "kubernetes/worker.yaml").read_text()


def test_probes_ask_for_what_is_answered() -> None:
    served = {route.path for route in health.routes if hasattr(route, "path")}
    for probe_name in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container("server")[probe_name]["httpGet"]["path"] in served
    # A server that is draining, or whose database is away, must not be killed for it.
    assert container("server")["livenessProbe"]["httpGet"]["path"] == "/health"
    assert container("server")["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert container("worker")["livenessProbe"]["httpGet"]["path"] == "/health"
    for name, path in (("server", "/ready"), ("worker", "/health")):
        port = MAP["PORT" if name == "server" else "WORKER_PORT"]
        assert f"127.0.0.1:{port}{path}" in COMPOSE["services"][name]["healthcheck"]["test"][-1]
    assert "health_uri /ready" in (DEPLOY / "Caddyfile").read_text()


def test_whoever_kills_waits_longer_than_a_process_takes_to_drain() -> None:
    drain = int(MAP["DRAIN_SECONDS"])
    assert drain == DRAIN_SECONDS
    for name in OURS:
        assert pod(name)["terminationGracePeriodSeconds"] > drain + 5
        assert int(COMPOSE["services"][name]["stop_grace_period"].removesuffix("s")) > DRAIN_SECONDS + 5
    for path in UNITS:
        assert int(unit(path)["TimeoutStopSec"]) > DRAIN_SECONDS + 5


def test_nothing_runs_as_root_or_writes_to_its_image() -> None:
    for name in DEPLOYMENTS:
        assert pod(name)["securityContext"]["runAsNonRoot"] is True
        assert pod(name)["automountServiceAccountToken"] is False
        security = container(name)["securityContext"]
        assert security["readOnlyRootFilesystem"] is True
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert container(name)["resources"]["limits"]["memory"]
    account = re.search(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)
    assert account is not None
    for name in OURS:
        context = pod(name)["securityContext"]
        assert (str(context["runAsUser"]), str(context["runAsGroup"])) == account.groups()
        mounts = {each["mountPath"] for each in container(name)["volumeMounts"]}
        assert mounts == {MAP["DATA_DIR"], "/tmp"}
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    for path in UNITS:
        assert unit(path)["User"] == "speakmate"
        assert unit(path)["ProtectSystem"] == "strict"


def test_every_deployment_has_what_keeps_it_up() -> None:
    assert set(manifests("PodDisruptionBudget")) == set(OURS)
    assert set(manifests("HorizontalPodAutoscaler")) == set(OURS)
    for name in OURS:
        labels = DEPLOYMENTS[name]["spec"]["template"]["metadata"]["labels"]
        assert DEPLOYMENTS[name]["spec"]["selector"]["matchLabels"] == labels
        assert manifests("PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"] == labels
        target = manifests("HorizontalPodAutoscaler")[name]["spec"]["scaleTargetRef"]
        assert (target["kind"], target["name"]) == ("Deployment", name)
    assert manifests("Service")["server"]["spec"]["selector"]["part"] == "server"
    (listed,) = (each["resources"] for each in MANIFESTS if each["kind"] == "Kustomization")
    files = {path.name for path in (DEPLOY / "kubernetes").glob("*.yaml")} - {"kustomization.yaml"}
    assert set(listed) == files


def test_commands_are_those_of_the_entry_point() -> None:
    commands = [COMPOSE["services"][name]["command"] for name in OURS]
    commands += [container(name)["args"] for name in OURS]
    commands += [unit(path)["ExecStart"].split("backend/run.py ")[1].split() for path in UNITS]
    assert sorted(parse(each).mode for each in commands) == ["prod"] * 3 + ["worker"] * 3


def test_images_have_exact_versions_and_hold_no_secret() -> None:
    images = [service["image"] for service in COMPOSE["services"].values() if "build" not in service]
    images += [container("redis")["image"], *re.findall(r"^ARG PYTHON_IMAGE=(.*)$", DOCKERFILE, re.MULTILINE)]
    for image in images:
        assert re.search(r":\d+\.\d+\.\d+\S*$", image), image
    assert COMPOSE["services"]["redis"]["image"] == container("redis")["image"]
    ignored = (REPOSITORY / ".dockerignore").read_text().splitlines()
    assert "*" in ignored  # nothing is sent that is not named: no .env, no data
    assert not [line for line in ignored if line.startswith("!") and ".env" in line]
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    for name in " ".join(copied).split():
        assert (REPOSITORY / name).exists(), name
        assert f"!{name}" in ignored
