"""How the tests of the mask painter open it and paint in it."""

import io

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 400, 300


def put_pictures(site):
    """Two of one colour each, to paint over."""
    for name, colour in (("content", (70, 110, 150)), ("other", (150, 110, 70))):
        site.pages[f"/{name}.png"] = png(np.full((HEIGHT, WIDTH, 3), colour, np.uint8))


def show_painter(
    page,
    site,
    *,
    content="/content.png",
    size=(WIDTH, HEIGHT),
    current="",
    selects=False,
    words="mask",
    key="",
    others="",
    before="",
    after="",
    style="",
):
    width, height = size
    div = (
        f'<div data-mask-painter="mask" data-mask-of="photo" '
        f'data-mask-content="{content}" data-mask-current="{current}" '
        f'data-mask-width="{width}" data-mask-height="{height}" data-mask-words="{words}" '
        f'data-mask-key="{key}" data-mask-others="{others}" '
        f'data-mask-select="{content if selects else ""}"></div>'
    )
    site.show(page, f'{before}<div id="dialog" style="{style}">{div}</div>{after}')


def open_painter(page, site, **options):
    show_painter(page, site, **options)
    page.locator(".mask-painter:not(.is-loading)").wait_for()


def reopen(page, *, content="/content.png", current="", key=""):
    """As a dialog that takes its content off the page and puts a new one on."""
    page.evaluate(
        """async ([content, current, key]) => {
            const dialog = document.getElementById("dialog");
            const next = dialog.firstElementChild.cloneNode(false);
            dialog.replaceChildren();
            await new Promise(requestAnimationFrame);
            next.dataset.maskContent = content;
            next.dataset.maskCurrent = current;
            next.dataset.maskKey = key;
            dialog.append(next);
        }""",
        [content, current, key],
    )
    page.locator(".mask-painter:not(.is-loading)").wait_for()


def brush(page, *, size=None, softness=None):
    if size is not None:
        page.get_by_label("Size").fill(str(size))
    if softness is not None:
        page.get_by_label("Softness").fill(str(softness))


def on_page(page, point, size=(WIDTH, HEIGHT)):
    box = page.locator(".mask-canvas").bounding_box()
    return box["x"] + point[0] * box["width"] / size[0], box["y"] + point[1] * box["height"] / size[1]


def drag(page, start, end=None, *, moves=12, size=(WIDTH, HEIGHT)):
    page.mouse.move(*on_page(page, start, size))
    page.mouse.down()
    if end:
        page.mouse.move(*on_page(page, end, size), steps=moves)
    page.mouse.up()


def drag_by(page, way, button="left"):
    box = page.locator(".mask-frame").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down(button=button)
    page.mouse.move(x + way[0], y + way[1], steps=4)
    page.mouse.up(button=button)


def pen(page, stroke, buttons=1):
    """A pen's way over the picture: points with how hard it is pressed."""
    points = [(*on_page(page, (x, y)), pressure) for x, y, pressure in stroke]
    page.evaluate(
        """([points, buttons]) => {
            const canvas = document.querySelector(".mask-canvas");
            canvas.setPointerCapture = () => {};
            const tell = (type, [clientX, clientY, pressure]) => canvas.dispatchEvent(new PointerEvent(type, {
                clientX, clientY, pressure, buttons, button: buttons === 32 ? 5 : 0,
                pointerType: "pen", pointerId: 7, bubbles: true,
            }));
            tell("pointerdown", points[0]);
            for (const point of points.slice(1)) tell("pointermove", point);
            tell("pointerup", points.at(-1));
        }""",
        [points, buttons],
    )


def is_empty(page):
    return page.evaluate("window.pentimento.mask.painter('mask').mask.isEmpty")


def used(page, site, calls):
    """Presses the button and returns the grey picture that the studio got."""
    before = len(page.evaluate("window.calls"))
    page.get_by_role("button", name="Use this mask").click()
    calls(page, before + 1)
    mask = np.asarray(Image.open(io.BytesIO(site.uploads[-1].data)).convert("RGBA"))
    assert (mask[..., 3] == 255).all()
    assert (mask[..., 0] == mask[..., 1]).all()
    assert (mask[..., 0] == mask[..., 2]).all()
    return mask[..., 0]


def distance_to_segment(start, end):
    """Of every pixel's centre, in pixels."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    (x0, y0), (x1, y1) = start, end
    length2 = (x1 - x0) ** 2 + (y1 - y0) ** 2
    along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length2 if length2 else np.zeros_like(x)
    along = along.clip(0, 1)
    return np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0))


def png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
