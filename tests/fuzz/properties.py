"""What is fuzzed over the network: each makes of a studio a property that holds whatever is sent to it."""

from collections.abc import Callable

from hypothesis import HealthCheck, settings

from fuzz.bodies import asking
from fuzz.camera import filming
from fuzz.host import Host

Property = Callable[[], None]

PROPERTIES: dict[str, Callable[[Host], Property]] = {"bodies": asking, "camera": filming}


def some(of: Property, tries: int) -> Property:
    """The property, tried so often with what is the same each time."""
    return _patiently(of, max_examples=tries, derandomize=True)


def endless(of: Property) -> Callable[[bytes], object]:
    """The property of whatever is made of some bytes."""
    check: Callable[[bytes], object] = _patiently(of, database=None).hypothesis.fuzz_one_input  # type: ignore[attr-defined]
    return check


def _patiently(of: Property, **more: object) -> Property:
    return settings(deadline=None, suppress_health_check=list(HealthCheck), **more)(of)  # type: ignore[arg-type]
