"""The sample pictures a person can start from. Importing this loads no image library."""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from nst.errors import Refusal

STYLES_DIR = Path(__file__).resolve().parents[2] / "assets" / "gallery"

_PAINTED = "Painted by Pentimento's own code"


@dataclass(frozen=True)
class Sample:
    """One sample picture: `name` is stable and fit for a URL, the rest is for people."""

    name: str
    title: str
    kind: Literal["photo", "style"]
    path: Path
    credit: str
    description: str


def samples() -> list[Sample]:
    """Every sample, photographs first."""
    return photographs() + styles()


def sample(name: str) -> Sample:
    """The sample of that name; a `Refusal` (code `not_found`) if there is none."""
    for entry in samples():
        if entry.name == name:
            return entry
    raise Refusal(
        "not_found", f"There is no sample picture called “{name}”. Take one from the gallery.", "name"
    )


def styles() -> list[Sample]:
    """The painted style pictures, in the order in which a gallery should hang them."""
    return [
        Sample(name, title, "style", STYLES_DIR / f"{name}.jpg", _PAINTED, description)
        for name, title, description in _STYLES
    ]


def photographs() -> list[Sample]:
    """Photographs for content, read where scikit-image is installed; those that it lacks are left out."""
    folder = _photograph_folder()
    if folder is None:
        return []
    entries = (
        Sample(name, title, "photo", folder / file, credit, description)
        for name, file, title, credit, description in _PHOTOGRAPHS
    )
    return [entry for entry in entries if entry.path.is_file()]


@cache
def _photograph_folder() -> Path | None:
    # The package is found, not imported: importing it would load SciPy into every web process.
    spec = find_spec("skimage")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / "data"


_STYLES: tuple[tuple[str, str, str], ...] = (
    ("night-sky", "Whirling Night", "Thick oil strokes that follow the wind round moon and stars."),
    ("wave", "The Breaking Wave", "A woodblock print: flat graded blues, firm outlines, claws of foam."),
    ("stained-glass", "Sun Window", "Leaded glass, lit from behind."),
    ("poppy-field", "Poppies at Evening", "Impasto flowers and a sun in rings, laid on with a full brush."),
    ("composition", "Composition with Circles", "Abstract circles, wedges and lines on a glowing ground."),
    ("mosaic", "Leaping Fish", "A Roman floor, its stones in rows that follow the forms."),
    ("linocut", "Stag at Sunrise", "A two-colour linocut, every gouge following the form."),
    ("watercolour", "Autumn Lake", "Transparent washes with dark rims, granulation and white paper."),
    ("pop-art", "Blast", "Comic-book outlines and coarse process dots."),
    ("ink-wash", "Bamboo and Mist", "Ink and water on mulberry paper, with one red seal."),
    ("pointillism", "River Afternoon", "Dabs of pure colour that mix in the eye."),
    ("cubism", "Guitar and Bottle", "A still life broken into shaded planes."),
    ("marbling", "Combed Marble", "Inks floated on water, drawn with combs and a stylus."),
)

_PHOTOGRAPHS: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "chelsea",
        "chelsea.png",
        "Chelsea the cat",
        "Stéfan van der Walt, CC0",
        "A cat close up: fur, whiskers and two sharp eyes.",
    ),
    (
        "astronaut",
        "astronaut.png",
        "Eileen Collins",
        "NASA, public domain",
        "A portrait of the astronaut in her orange suit.",
    ),
    (
        "coffee",
        "coffee.png",
        "A cup of coffee",
        "Rachel Michetti, courtesy of Pikolo Espresso Bar, CC0",
        "Smooth porcelain on rough wood.",
    ),
    (
        "rocket",
        "rocket.jpg",
        "Night launch",
        "SpaceX, public domain",
        "A Falcon 9 lifts off from Cape Canaveral with DSCOVR.",
    ),
    (
        "camera",
        "camera.png",
        "The photographer",
        "Lav Varshney, CC0",
        "A man behind a camera on a tripod, in black and white.",
    ),
)
