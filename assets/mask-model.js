// A mask without a screen: its pixels, what a brush does to them, and how that is undone.
//
// A mask is one byte a pixel: 255 is painted (the style goes there), 0 is not. Coordinates and rectangles are those of
// mask-geometry.js.
(() => {
  "use strict";

  const HISTORY_BYTES = 24 * 2 ** 20; // some two dozen edits of a whole mask, hundreds of strokes
  const VISIBLE = 12; // less is the breath a soft eraser leaves: nobody can see it

  const pentimento = (window.pentimento ??= {});

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

    // The value under a point, 0 beside the mask.
    valueAt({ x, y }) {
      const inside = x >= 0 && y >= 0 && x < this.width && y < this.height;
      return inside ? this.pixels[Math.floor(y) * this.width + Math.floor(x)] : 0;
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

    // `pressure`, 0 to 1, is the share of the brush's radius that is set down there.
    strokeTo({ x, y, pressure = 1 }) {
      const { stroke, width, pixels } = this;
      const { reach, sweep, union } = pentimento.maskGeometry;
      const to = { x, y, radius: stroke.radius * pressure };
      const from = stroke.at ?? to;
      const rect = reach(from, to, this);
      stroke.at = to;
      stroke.touched = union(stroke.touched, rect);
      if (!rect) return null;
      sweep(from, to, stroke.softness, rect, width, (i, cover) => {
        if (cover <= stroke.cover[i]) return;
        stroke.cover[i] = cover;
        const before = stroke.before[i];
        pixels[i] = stroke.erase ? before * (1 - cover) : before + (255 - before) * cover;
      });
      return rect;
    }

    endStroke() {
      const { touched, before } = this.stroke;
      this.stroke = null;
      return touched && this.#remember(before, touched);
    }

    // As if it had never begun.
    dropStroke() {
      const { touched, before } = this.stroke;
      this.stroke = null;
      if (touched) this.pixels.set(before);
      return touched;
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

    // Another outcome of the edit before, which has to have been a `replace` that changed something: one step to undo.
    amend(values) {
      this.pixels.set(values);
      return this.whole;
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

  pentimento.maskModel = { History, Mask };
})();
