// Before and after: the photograph is drawn over a painting from the left, up to an edge that follows the hand.
//
// Whatever has the class `compared` and holds a range takes part. The range is for the keyboard and for those who hear
// the page; the hand takes the picture itself. With `data-together` the edge is one with that of all others that have
// the same word there.
(() => {
  "use strict";

  const surfaces = (word) => document.querySelectorAll(`.compared[data-together="${CSS.escape(word)}"]`);
  const rangeOf = (surface) => surface.querySelector("input[type=range]");
  const setValue = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;

  let held = null;

  function draw(surface, value) {
    surface.style.setProperty("--compare", `${value}%`);
  }

  // Dash, too, must learn of a value that the hand has set.
  function move(surface, value) {
    const range = rangeOf(surface);
    setValue.call(range, String(value));
    range.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function follow(event) {
    const { left, width } = held.getBoundingClientRect();
    const { clientLeft, clientWidth } = held;
    const share = (event.clientX - left - clientLeft) / (clientWidth || width);
    move(held, Math.round(100 * Math.min(1, Math.max(0, share))));
  }

  document.addEventListener("pointerdown", (event) => {
    const surface = event.target.closest?.(".compared");
    const edge = surface?.querySelector(".compare-edge");
    if (!edge?.getClientRects().length || event.button || !event.isPrimary) return;
    held = surface;
    surface.classList.add("is-comparing");
    surface.setPointerCapture(event.pointerId);
    follow(event);
  });

  document.addEventListener("pointermove", (event) => held && event.isPrimary && follow(event));

  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => {
      held?.classList.remove("is-comparing");
      held = null;
    });
  }

  // A picture is not dragged off the page by the hand that draws its edge.
  document.addEventListener("dragstart", (event) => event.target.closest?.(".compared") && event.preventDefault());

  document.addEventListener("input", (event) => {
    const surface = event.target.closest?.(".compared");
    if (!surface || event.target !== rangeOf(surface)) return;
    const { value } = event.target;
    event.target.setAttribute("aria-valuetext", `${value} percent photograph`);
    draw(surface, value);
    const word = surface.dataset.together;
    for (const other of word ? surfaces(word) : []) {
      draw(other, value);
      if (rangeOf(other).value !== value) move(other, value);
    }
  });
})();
