// Where things are, for the mask painter: from the window's coordinates to the mask's, and how far a brush reaches.
//
// Coordinates are in mask pixels with the centre of the first one at (0.5, 0.5). A rectangle is
// {left, top, right, bottom}, right and bottom not included.
(() => {
  "use strict";

  const LONG_SIDE = 1024; // finer than any brush; the studio resizes masks anyway

  // The mask's size for a picture: same shape, long side at most `limit`. Rounded up, as the studio takes no picture
  // that is narrower for its length than the narrowest photograph.
  function maskSize(width, height, limit = LONG_SIDE) {
    const scale = Math.min(1, limit / Math.max(width, height));
    const scaled = (side) => Math.ceil(side * scale - 1e-6);
    return { width: scaled(width), height: scaled(height) };
  }

  // From the window's coordinates to the mask's, for a mask shown in the rectangle `box`, however scaled.
  function toMask(point, box, size) {
    return {
      x: ((point.x - box.left) * size.width) / box.width,
      y: ((point.y - box.top) * size.height) / box.height,
    };
  }

  // How much a brush covers, 0 to 1, at a distance from its path. Softness 0 keeps a one-pixel ramp, so that edges
  // are smooth; softness 1 falls off from the very centre.
  function coverage(distance, radius, softness) {
    const outer = radius + 0.5;
    const inner = Math.max(0, radius * (1 - softness) - 0.5);
    const t = Math.min(1, Math.max(0, (outer - distance) / (outer - inner)));
    return t * t * (3 - 2 * t);
  }

  // Calls visit(index, coverage) for every pixel in `rect` that a brush touches between two points {x, y, radius}.
  // Its radius changes evenly on the way.
  function sweep(from, to, softness, rect, width, visit) {
    const dx = to.x - from.x;
    const dy = to.y - from.y;
    const length2 = dx * dx + dy * dy;
    for (let y = rect.top; y < rect.bottom; y++) {
      for (let x = rect.left; x < rect.right; x++) {
        const px = x + 0.5 - from.x;
        const py = y + 0.5 - from.y;
        const along = length2 ? Math.min(1, Math.max(0, (px * dx + py * dy) / length2)) : 1;
        const ex = px - along * dx;
        const ey = py - along * dy;
        const radius = from.radius + along * (to.radius - from.radius);
        const distance2 = ex * ex + ey * ey;
        if (distance2 > (radius + 0.5) * (radius + 0.5)) continue;
        visit(y * width + x, coverage(Math.sqrt(distance2), radius, softness));
      }
    }
  }

  // The pixels a brush can touch between two points {x, y, radius}, within the mask; null when it passes beside it.
  function reach(from, to, size) {
    const rim = Math.max(from.radius, to.radius) + 1;
    const rect = {
      left: Math.max(0, Math.floor(Math.min(from.x, to.x) - rim)),
      top: Math.max(0, Math.floor(Math.min(from.y, to.y) - rim)),
      right: Math.min(size.width, Math.ceil(Math.max(from.x, to.x) + rim)),
      bottom: Math.min(size.height, Math.ceil(Math.max(from.y, to.y) + rim)),
    };
    return rect.left < rect.right && rect.top < rect.bottom ? rect : null;
  }

  function union(a, b) {
    if (!a || !b) return a ?? b;
    return {
      left: Math.min(a.left, b.left),
      top: Math.min(a.top, b.top),
      right: Math.max(a.right, b.right),
      bottom: Math.max(a.bottom, b.bottom),
    };
  }

  (window.pentimento ??= {}).maskGeometry = { maskSize, toMask, sweep, reach, union };
})();
