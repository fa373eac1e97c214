// A mask without a screen: its pixels, what a brush does to them, and how that is undone.
//
// A mask is one byte a pixel: 255 is painted (the style goes there), 0 is not. Coordinates are in pixels with the
// centre of the first one at (0.5, 0.5). A rectangle is {left, top, right, bottom}, right and bottom not included.
(() => {
  "use strict";

  const LONG_SIDE = 1024; // finer than any brush; the studio resizes masks anyway
  const HISTORY_BYTES = 24 * 2 ** 20; // some two dozen edits of a whole mask, hundreds of strokes
  const VISIBLE = 12; // less is the breath a soft eraser leaves: nobody can see it

  // ---------------------------------------------------------------------------------------------- geometry

  // The mask's size for a picture: same shape, long side at most `limit`, no side under one pixel.
  function maskSize(width, height, limit = LONG_SIDE) {
    const scale = Math.min(1, limit / Math.max(width, height));
    return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  }

  // Between the window's coordinates and the mask's, for a mask shown in the rectangle `box`, however scaled.
  function toMask(point, box, size) {
    return {
      x: ((point.x - box.left) * size.width) / box.width,
      y: ((point.y - box.top) * size.height) / box.height,
    };
  }

  function toView(point, box, size) {
    return {
      x: box.left + (point.x * box.width) / size.width,
      y: box.top + (point.y * box.height) / size.height,
    };
  }

  function segmentDistance(x, y, from, to) {
    const dx = to.x - from.x;
    const dy = to.y - from.y;
    const length2 = dx * dx + dy * dy;
    const along = length2 ? ((x - from.x) * dx + (y - from.y) * dy) / length2 : 0;
    const t = Math.min(1, Math.max(0, along));
    const ex = x - from.x - t * dx;
    const ey = y - from.y - t * dy;
    return Math.sqrt(ex * ex + ey * ey); // Math.hypot is many times slower, and this runs for every pixel
  }

  // How much a brush covers, 0 to 1, at a distance from its path. Softness 0 keeps a one-pixel ramp, so that edges
  // are smooth; softness 1 falls off from the very centre.
  function coverage(distance, radius, softness) {
    const outer = radius + 0.5;
    const inner = Math.max(0, radius * (1 - softness) - 0.5);
    const t = Math.min(1, Math.max(0, (outer - distance) / (outer - inner)));
    return t * t * (3 - 2 * t);
  }

  // The pixels a brush can touch between two points, within the mask; null when it passes beside it.
  function reach(from, to, radius, size) {
    const rim = radius + 1;
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

  // ---------------------------------------------------------------------------------------------- history

  // Remembers edits as the pixels they replaced, cropped to where they happened. Undoing swaps them with the
  // mask's own, which turns the same patch into what redo needs. The oldest are forgotten past `limit` bytes.
  class History {
    constructor(limit = HISTORY_BYTES) {
      this.limit = limit;
      this.done = [];
      this.undone = [];
    }

    get bytes() {
      return [...this.done, ...this.undone].reduce((sum, patch) => sum + patch.pixels.length, 0);
    }

    push(patch) {
      this.undone = [];
      this.done.push(patch);
      while (this.bytes > this.limit && this.done.length > 1) this.done.shift();
    }

    undo(mask) {
      return this.#move(mask, this.done, this.undone);
    }

    redo(mask) {
      return this.#move(mask, this.undone, this.done);
    }

    #move(mask, source, target) {
      const patch = source.pop();
      if (!patch) return null;
      const now = cut(mask.pixels, mask.width, patch.rect);
      paste(mask.pixels, mask.width, patch);
      target.push({ rect: patch.rect, pixels: now });
      return patch.rect;
    }
  }

  function cut(pixels, width, rect) {
    const columns = rect.right - rect.left;
    const patch = new Uint8ClampedArray(columns * (rect.bottom - rect.top));
    for (let y = rect.top, at = 0; y < rect.bottom; y++, at += columns) {
      patch.set(pixels.subarray(y * width + rect.left, y * width + rect.right), at);
    }
    return patch;
  }

  function paste(pixels, width, { rect, pixels: patch }) {
    const columns = rect.right - rect.left;
    for (let y = rect.top, at = 0; y < rect.bottom; y++, at += columns) {
      pixels.set(patch.subarray(at, at + columns), y * width + rect.left);
    }
  }

  // ---------------------------------------------------------------------------------------------- mask

  // Every edit returns the rectangle it changed, or null.
  class Mask {
    constructor({ width, height }) {
      this.width = width;
      this.height = height;
      this.pixels = new Uint8ClampedArray(width * height);
      this.history = new History();
      this.stroke = null;
    }

    get whole() {
      return { left: 0, top: 0, right: this.width, bottom: this.height };
    }

    get isEmpty() {
      return !this.pixels.some((value) => value > VISIBLE);
    }

    // The painted share, 0 to 1.
    get share() {
      return this.pixels.reduce((sum, value) => sum + value, 0) / (255 * this.pixels.length);
    }

    // A stroke covers each pixel once, as much as its nearest pass does, however slowly the hand moves: stamping
    // soft discs over one another would harden the edge instead.
    beginStroke({ erase, radius, softness }) {
      this.stroke = {
        erase,
        radius,
        softness,
        at: null,
        touched: null,
        before: this.pixels.slice(),
        cover: new Float32Array(this.pixels.length),
      };
    }

    strokeTo(point) {
      const { stroke, width, pixels } = this;
      const from = stroke.at ?? point;
      const rect = reach(from, point, stroke.radius, this);
      stroke.at = point;
      stroke.touched = union(stroke.touched, rect);
      if (!rect) return null;
      for (let y = rect.top; y < rect.bottom; y++) {
        for (let x = rect.left; x < rect.right; x++) {
          const distance = segmentDistance(x + 0.5, y + 0.5, from, point);
          if (distance > stroke.radius + 0.5) continue;
          const i = y * width + x;
          const cover = coverage(distance, stroke.radius, stroke.softness);
          if (cover <= stroke.cover[i]) continue;
          stroke.cover[i] = cover;
          const before = stroke.before[i];
          pixels[i] = stroke.erase ? before * (1 - cover) : before + (255 - before) * cover;
        }
      }
      return rect;
    }

    endStroke() {
      const { touched, before } = this.stroke;
      this.stroke = null;
      return touched && this.#remember(before, touched);
    }

    fill() {
      return this.#edit((pixels) => pixels.fill(255));
    }

    clear() {
      return this.#edit((pixels) => pixels.fill(0));
    }

    invert() {
      return this.#edit((pixels) => pixels.forEach((value, i) => (pixels[i] = 255 - value)));
    }

    replace(values) {
      return this.#edit((pixels) => pixels.set(values));
    }

    undo() {
      return this.history.undo(this);
    }

    redo() {
      return this.history.redo(this);
    }

    #edit(change) {
      const before = this.pixels.slice();
      change(this.pixels);
      return this.#remember(before, this.whole);
    }

    // What changed nothing is no edit: undo would seem stuck on it.
    #remember(before, rect) {
      const old = cut(before, this.width, rect);
      const now = cut(this.pixels, this.width, rect);
      if (old.every((value, i) => value === now[i])) return null;
      this.history.push({ rect, pixels: old });
      return rect;
    }
  }

  (window.pentimento ??= {}).maskModel = { maskSize, toMask, toView, coverage, union, History, Mask };
})();
