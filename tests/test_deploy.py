"""The image, the composition and what the document says of them, as far as they can be checked unbuilt."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from nst import cli
from nst.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
_UNCOMMENTED = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.M)
DOCKERFILE = re.sub(r"\\\n\s*", " ", _UNCOMMENTED)
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
STAGES = re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.M)
VARIABLES = {f"NST_{name.upper()}" for name in Settings.model_fields}
SERVICES = COMPOSE["services"]


def stage(name: str) -> str:
    """Its own lines."""
    return re.search(rf"^FROM \S+ AS {name}\n(.*?)(?=^FROM|\Z)", DOCKERFILE, re.M | re.S)[1]


def test_what_is_copied_is_there() -> None:
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.M)
    assert copied
    for sources in copied:
        for source in sources.split():
            assert source == "." or list(ROOT.glob(source)), source


def test_stages_build_on_stages() -> None:
    others = re.findall(r"^FROM (\S+) AS|^COPY --from=(\S+)", DOCKERFILE, re.M)
    for base, source in others:
        assert (base or source) in {*STAGES, "${BASE}"}
    assert STAGES[-1] == "cpu", "what docker build makes when no stage is named"


@pytest.mark.parametrize("name", ["cpu", "gpu", "scale", "scale-gpu"])
def test_an_image_runs_as_nobody_in_particular_and_without_a_shell(name: str) -> None:
    assert stage(name).rstrip().endswith("USER studio")
    for command in re.findall(r"^(?:HEALTHCHECK .*?)?(?:CMD|ENTRYPOINT) (.*)$", stage("ground"), re.M):
        assert isinstance(json.loads(command), list)
    assert "make" not in stage("ground") + stage(name), "what only builds is not in what runs"


def test_bases_are_pinned_by_their_version() -> None:
    images = [re.search(r"^ARG BASE=(\S+)$", DOCKERFILE, re.M)[1]]
    images += [service["image"] for service in SERVICES.values() if "build" not in service]
    assert len(images) == 5
    for image in images:
        assert re.search(r":\S*\d+\.?\d*[.-]\d+", image), image


def test_the_composition_names_stages_settings_and_commands_that_exist() -> None:
    ours = {name: service for name, service in SERVICES.items() if "build" in service}
    assert ours.keys() == {"web", "worker"}
    for service in ours.values():
        assert service["build"]["target"] in STAGES
        named = {name for name in service["environment"] if name.startswith("NST_")}
        assert named <= VARIABLES
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["depends_on"].keys() <= SERVICES.keys()
    assert SERVICES["web"]["deploy"]["replicas"] == 2
    python, module, package, *command = SERVICES["worker"]["command"]
    assert (python, module, package) == (".venv/bin/python", "-m", "nst")
    with pytest.raises(SystemExit) as helped:
        cli.main([*command, "--help"])
    assert helped.value.code == 0


@pytest.mark.parametrize("name", ["web", "worker"])
def test_what_is_received_and_copied_is_not_kept_in_memory(name: str) -> None:
    assert {"/data", "/tmp"} <= set(SERVICES[name]["volumes"])
    assert "tmpfs" not in SERVICES[name]


def test_volumes_and_configurations_that_are_used_are_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or volume.startswith("/")
        for config in service.get("configs", []):
            assert config["source"] in COMPOSE["configs"]


def test_the_packages_of_the_scaled_out_form_come_from_make() -> None:
    command = ["make", "-n", "install", "SCALE=1", "VENV=/nowhere", "REQUIREMENTS=requirements.txt"]
    steps = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "cp requirements-scale.txt /nowhere/installed-requirements-scale.txt" in steps
    assert "requirements-dev" not in steps


def test_the_document_names_settings_and_steps_that_exist() -> None:
    document = (ROOT / "docs/deploy.md").read_text()
    named = set(re.findall(r"NST_[A-Z_]+", document))
    assert named
    assert named <= VARIABLES
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`make ([a-z]+)", document)) <= targets
    assert set(re.findall(r"--target ([a-z-]+)", document)) <= set(STAGES)
