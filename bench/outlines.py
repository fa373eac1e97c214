"""What a person would say is one thing, drawn by hand on six photographs that come with scikit-image."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skimage
from numpy.typing import NDArray
from PIL import Image, ImageDraw

_OVERSAMPLING = 4


@dataclass(frozen=True)
class Outline:
    """A thing in a photograph, in the photograph's own pixels.

    `corners` of a polygon are written as in SVG ("x,y x,y ..."); an `ellipse` is its centre and half-axes.
    """

    file: str
    thing: str
    corners: str = ""
    ellipse: tuple[float, float, float, float] | None = None

    def photograph(self) -> NDArray[np.uint8]:
        """(H, W, 3) uint8."""
        with Image.open(Path(skimage.__file__).parent / "data" / self.file) as image:
            return np.array(image.convert("RGB"))

    def mask(self) -> NDArray[np.bool_]:
        """(H, W), true on the thing."""
        height, width = self.photograph().shape[:2]
        drawn = Image.new("L", (width * _OVERSAMPLING, height * _OVERSAMPLING))
        pen = ImageDraw.Draw(drawn)
        if self.ellipse is not None:
            x, y, across, down = (_OVERSAMPLING * value for value in self.ellipse)
            pen.ellipse((x - across, y - down, x + across, y + down), fill=255)
        else:
            corners = (corner.split(",") for corner in self.corners.split())
            pen.polygon([(_OVERSAMPLING * float(x), _OVERSAMPLING * float(y)) for x, y in corners], fill=255)
        return np.array(drawn.resize((width, height), Image.Resampling.BOX)) >= 128


ASTRONAUT = Outline(
    "astronaut.png",
    "the astronaut with her helmet",
    "20,512 23,480 24,440 18,415 19,390 23,360 27,330 34,300 42,280 52,262 65,245 82,232 100,219 "
    "112,207 114,190 121,172 134,158 150,150 170,147 184,149 182,132 174,126 162,115 155,100 153,80 "
    "158,62 170,48 188,35 200,24 215,17 235,15 255,20 272,30 288,45 297,62 302,82 298,105 288,124 "
    "276,136 268,137 260,155 256,173 272,182 288,198 299,215 304,233 318,241 333,256 345,278 355,305 "
    "361,330 366,346 383,344 400,343 416,344 440,352 460,366 478,386 490,412 496,440 498,454 506,460 "
    "508,485 512,490 512,512",
)
CAT = Outline(
    "chelsea.png",
    "the cat",
    "46,0 40,22 34,45 32,75 30,100 27,115 0,126 0,300 306,300 313,275 313,250 312,230 324,212 340,195 "
    "352,172 361,148 362,122 358,98 353,78 366,60 382,36 396,10 399,0",
)
COFFEE = Outline(
    "coffee.png",
    "the cup on its saucer, with the spoon",
    "182,68 150,84 125,102 105,125 90,150 80,180 76,215 78,245 87,280 103,310 125,335 155,358 190,374 "
    "230,384 275,389 320,386 360,376 395,360 425,338 450,308 468,275 477,245 479,215 473,180 460,150 "
    "443,125 420,102 424,80 423,72 412,66 400,70 397,72 385,55 365,38 340,26 310,19 285,18 255,21 "
    "225,30 200,46",
)
ROCKET = Outline(
    "rocket.jpg",
    "the rocket in its mast",
    "322,127 316,134 312,145 311,155 309,175 310,200 309,270 309,340 308,370 312,404 331,404 332,370 "
    "334,340 335,270 335,180 333,170 333,147 328,134",
)
PHOTOGRAPHER = Outline(
    "camera.png",
    "the photographer with his camera",
    "0,512 0,255 15,236 35,212 48,190 57,165 68,148 85,135 105,127 130,123 145,110 161,104 166,92 "
    "180,78 195,66 208,63 228,69 245,82 258,95 270,112 269,127 262,132 258,138 300,142 312,139 "
    "324,140 324,152 319,158 320,170 329,172 331,190 326,210 318,222 306,232 303,247 298,255 304,272 "
    "285,290 262,307 245,312 230,306 206,294 195,314 180,335 160,362 141,380 146,410 149,450 149,512 "
    "143,512 137,490 120,465 99,448 95,480 91,512",
)
COIN = Outline("coins.png", "one coin of twenty-four", ellipse=(172.5, 261.5, 28.5, 25.5))


OUTLINES = (ASTRONAUT, CAT, COFFEE, ROCKET, PHOTOGRAPHER, COIN)
