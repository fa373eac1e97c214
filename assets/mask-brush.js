// The mask painter's brush, which also erases: its strokes, its size and softness, and the ring that shows them.
(() => {
  "use strict";

  const RING_SHOWN_MS = 900;
  const SIZE = { min: 1, max: 60, step: 0.5 };

  const pentimento = (window.pentimento ??= {});

  // In per cent: the brush's diameter of the picture's long side, and how much of its radius is a soft edge. Shared by
  // all painters, as a hand keeps its brush from one picture to the next.
  const brush = { erases: false, size: 12, softness: 30 };

  pentimento.MaskBrush = class {
    static SIZE = SIZE;

    constructor(painter) {
      this.painter = painter;
    }

    get erases() {
      return brush.erases;
    }

    get radius() {
      const { width, height } = this.painter.mask;
      return (brush.size / 200) * Math.max(width, height);
    }

    press(point, event) {
      const { mask } = this.painter;
      this.begin(brush.erases || pentimento.MaskHands.isEraser(event));
      if (event.shiftKey && this.last) mask.strokeTo(this.last); // a straight line from the last stroke's end
      this.drag(point);
    }

    drag(point) {
      this.last = point;
      this.painter.show(this.painter.mask.strokeTo(point));
    }

    release() {
      this.painter.changed(this.painter.mask.endStroke());
    }

    drop() {
      this.painter.show(this.painter.mask.dropStroke());
    }

    tap(point) {
      this.begin(brush.erases);
      this.drag(point);
      this.release();
    }

    begin(erase) {
      this.painter.mask.beginStroke({ erase, radius: this.radius, softness: brush.softness / 100 });
    }

    // -------------------------------------------------------------------------------------------- choosing

    choose(erases) {
      brush.erases = erases;
      this.show();
    }

    setSize(percent) {
      brush.size = Math.min(SIZE.max, Math.max(SIZE.min, percent));
      this.show();
      this.flashRing();
    }

    scaleSize(factor) {
      this.setSize(brush.size * factor);
    }

    setSoftness(percent) {
      brush.softness = percent;
      this.show();
      this.flashRing();
    }

    show() {
      const { size, softness, ring } = this.painter.parts;
      ring.classList.toggle("is-erasing", brush.erases);
      size.show(brush.size);
      softness.show(brush.softness);
    }

    // -------------------------------------------------------------------------------------------- ring

    // Another tool has a point instead, for those who move it with the keyboard.
    showRing() {
      const { mask, cursor, parts, tool } = this.painter;
      if (!mask || !cursor) return;
      const { ring, frame } = parts;
      ring.classList.toggle("is-point", tool !== this);
      ring.style.left = `${(100 * cursor.x) / mask.width}%`;
      ring.style.top = `${(100 * cursor.y) / mask.height}%`;
      ring.style.width = tool === this ? `${(200 * this.radius) / mask.width}%` : "";
      ring.style.setProperty("--mask-core", 1 - brush.softness / 100);
      frame.classList.add("has-ring");
    }

    hideRing() {
      this.painter.parts.frame.classList.remove("has-ring");
    }

    // A new size or softness is seen in the middle of the picture, unless the brush is on it.
    flashRing() {
      const { mask, parts } = this.painter;
      if (!mask) return;
      if (!parts.canvas.matches(":hover, :focus")) this.painter.cursor = { x: mask.width / 2, y: mask.height / 2 };
      this.showRing();
      clearTimeout(this.flash);
      this.flash = setTimeout(() => parts.frame.matches(":hover, :focus-within") || this.hideRing(), RING_SHOWN_MS);
    }
  };
})();
