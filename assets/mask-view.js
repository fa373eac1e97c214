// How much of the picture the mask painter shows: zoom and pan, by wheel, by two fingers, by buttons and by hand.
(() => {
  "use strict";

  const MOST = 12;
  const STEP = 1.5; // of the buttons and keys
  const WHEEL = 0.0016; // of the logarithm, per pixel that a wheel turns
  const LINE = 16; // pixels, for wheels that count in lines
  const MARGIN = 0.08; // of the frame: what the keyboard's brush keeps between itself and the edge

  (window.pentimento ??= {}).MaskView = class {
    constructor(painter) {
      this.painter = painter;
      this.parts = painter.parts;
      this.reset();
      this.parts.frame.addEventListener("wheel", (event) => this.turn(event), { passive: false });
    }

    get isZoomed() {
      return this.zoom > 1;
    }

    reset() {
      this.set(1, 0, 0);
    }

    // Where the board's left and top are, in frames; the picture always fills its frame.
    set(zoom, x, y) {
      this.zoom = Math.min(MOST, Math.max(1, zoom));
      this.x = Math.min(0, Math.max(1 - this.zoom, x));
      this.y = Math.min(0, Math.max(1 - this.zoom, y));
      this.show();
    }

    // By a factor, about a point of the window; about the middle without one.
    zoomBy(factor, point) {
      const { left, top, width, height } = this.parts.frame.getBoundingClientRect();
      const fx = point ? (point.x - left) / width : 0.5;
      const fy = point ? (point.y - top) / height : 0.5;
      const zoom = Math.min(MOST, Math.max(1, this.zoom * factor));
      const grown = zoom / this.zoom;
      this.set(zoom, fx - (fx - this.x) * grown, fy - (fy - this.y) * grown);
    }

    closer() {
      this.zoomBy(STEP);
    }

    further() {
      this.zoomBy(1 / STEP);
    }

    // By pixels of the window.
    panBy(dx, dy) {
      const { width, height } = this.parts.frame.getBoundingClientRect();
      this.set(this.zoom, this.x + dx / width, this.y + dy / height);
    }

    // So that a place, as shares of the picture, can be seen.
    reveal(x, y) {
      const shift = (at) => Math.max(0, MARGIN - at) + Math.min(0, 1 - MARGIN - at);
      this.set(this.zoom, this.x + shift(this.x + x * this.zoom), this.y + shift(this.y + y * this.zoom));
    }

    // With Shift across. At its smallest, turning back scrolls what lies around instead; with Ctrl, which is also how
    // trackpads tell of a pinch, it is kept from zooming the page.
    turn(event) {
      const unit = event.deltaMode ? LINE : 1;
      if (event.shiftKey && this.isZoomed) this.panBy(-(event.deltaX || event.deltaY) * unit, 0);
      else if (event.deltaY < 0 || this.isZoomed || event.ctrlKey) {
        this.zoomBy(Math.exp(-event.deltaY * unit * WHEEL), { x: event.clientX, y: event.clientY });
      } else return;
      event.preventDefault();
    }

    show() {
      const { board, whole, out, closer, moveTool } = this.parts;
      board.style.transform = `translate(${100 * this.x}%, ${100 * this.y}%) scale(${this.zoom})`;
      board.style.setProperty("--mask-zoom", this.zoom);
      whole.textContent = `${Math.round(100 * this.zoom)} %`;
      out.disabled = whole.disabled = moveTool.disabled = !this.isZoomed;
      closer.disabled = this.zoom >= MOST;
      if (!this.isZoomed && this.painter.chosen === "move") this.painter.choose("paint");
      moveTool.title = this.isZoomed ? "Move the picture (H)" : "Move the picture (H): zoom in first";
    }
  };
})();
