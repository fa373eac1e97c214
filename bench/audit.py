"""Are holes known in the packages that are pinned? `python -m bench.audit` asks an advisory service.

Ends with status 1 where there are. Where no service can be asked (no network, or only a mirror of the package
index that keeps no advisories), it says so and ends well: that is no fault of what is tested.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PINNED = [ROOT / f"requirements{which}.txt" for which in ("", "-gpu", "-scale", "-dev")]
SERVICES = ("osv", "pypi")
PATIENCE = 600  # seconds for all packages
# Advisories that do not touch us, each with its reason: {"PYSEC-2030-1": "only of servers on Windows"}.
NOT_OURS: dict[str, str] = {}


class Report(NamedTuple):
    asked: int  # packages that the service knew
    holes: list[str]  # a line each


def main() -> int:
    reasons = []
    for service in SERVICES:
        report = ask(service, PINNED)
        if isinstance(report, Report):
            print(f"{report.asked} pinned packages, as the service “{service}” knows them:", end=" ")
            print("\n".join(["holes are known.", *report.holes]) if report.holes else "no known holes.")
            return bool(report.holes)
        reasons.append(f"{service}: {report}")
    print("The pinned packages were not audited, as no advisory service could be asked:")
    print("\n".join(f"  {reason}" for reason in reasons))
    return 0


def ask(service: str, pinned: Sequence[Path]) -> Report | str:
    """What the service knows of the packages, or why it could not be asked."""
    files = [argument for path in pinned for argument in ("--requirement", str(path))]
    how = [
        "--vulnerability-service",
        service,
        "--format",
        "json",
        "--progress-spinner",
        "off",
        "--timeout",
        "10",
    ]
    command = [sys.executable, "-m", "pip_audit", *how, "--no-deps", "--disable-pip", *files]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"no answer within {PATIENCE} seconds"
    if done.returncode == 2:  # of a flag that it does not know, which is our fault
        raise RuntimeError(done.stderr)
    try:
        told = json.loads(done.stdout)
    except ValueError:
        lines = done.stderr.strip().splitlines() or ["no answer"]
        return lines[-1][:160]
    return read(told)


def read(told: dict[str, Any]) -> Report | str:
    """pip-audit's report, which calls a package that the service does not know skipped."""
    known = [package for package in told["dependencies"] if "skip_reason" not in package]
    if not known:
        return "it knows none of the packages"
    holes = [
        f"  {package['name']} {package['version']}: {hole['id']}, "
        f"mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for package in known
        for hole in package["vulns"]
        if not {hole["id"], *hole.get("aliases", ())} & NOT_OURS.keys()
    ]
    return Report(len(known), holes)


if __name__ == "__main__":
    sys.exit(main())
