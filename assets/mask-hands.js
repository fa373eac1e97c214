// From pointers and keys on the mask painter's canvas to the tool in hand.
//
// A tool has press(point, event), drag(point), release(event), drop() (as if it had never been pressed), and for the
// keyboard tap(point). A point is {x, y, pressure}, in mask pixels. A second finger drops what the first began: two of
// them zoom and move the picture.
(() => {
  "use strict";

  const LIGHTEST = 0.15; // of the brush: what a pen sets down that hardly touches
  const ERASER_END = 32; // in `buttons`
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  const pentimento = (window.pentimento ??= {});
  const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y) || 1;

  pentimento.MaskHands = class {
    // Whether a pen is held the other way round.
    static isEraser = ({ pointerType, buttons }) => pointerType === "pen" && (buttons & ERASER_END) !== 0;

    constructor(painter) {
      this.painter = painter;
      this.held = null; // {pointer, tool}: what is being done
      this.fingers = new Map(); // pointer id -> where it is in the window
      this.pinches = false; // until all fingers are up
      const { canvas } = painter.parts;
      canvas.addEventListener("pointerdown", (event) => this.press(event));
      canvas.addEventListener("pointermove", (event) => this.drag(event));
      for (const type of ["pointerup", "pointercancel"]) {
        canvas.addEventListener(type, (event) => this.release(event));
      }
      canvas.addEventListener("pointerenter", (event) => this.follow(event));
      canvas.addEventListener("pointerleave", () => this.held || painter.brush.hideRing());
      canvas.addEventListener("mousedown", (event) => event.button === 1 && event.preventDefault()); // no autoscroll
      canvas.addEventListener("keydown", (event) => this.key(event));
      canvas.addEventListener("focus", () => canvas.matches(":focus-visible") && painter.brush.showRing());
      canvas.addEventListener("blur", () => painter.brush.hideRing());
      canvas.addEventListener("contextmenu", (event) => event.pointerType !== "mouse" && event.preventDefault());
    }

    press(event) {
      const { painter } = this;
      if (event.pointerType === "touch") this.fingers.set(event.pointerId, inWindow(event));
      if (this.fingers.size === 2) this.pinch();
      const tool = this.toolFor(event);
      if (!painter.mask || this.held || this.pinches || !tool) return;
      painter.parts.canvas.setPointerCapture(event.pointerId);
      this.held = { pointer: event.pointerId, tool };
      tool.press(this.at(event), event);
      this.follow(event);
    }

    toolFor(event) {
      const { brush, mover, tool } = this.painter;
      return pentimento.MaskHands.isEraser(event) ? brush : { 0: tool, 1: mover }[event.button];
    }

    drag(event) {
      if (this.fingers.has(event.pointerId)) this.spread(event);
      this.follow(event);
      if (event.pointerId !== this.held?.pointer) return;
      // The browser bundles moves into one event a frame; the ones between make curves round.
      const moves = event.getCoalescedEvents?.() ?? [];
      for (const move of moves.length ? moves : [event]) this.held.tool.drag(this.at(move), move);
    }

    release(event) {
      this.fingers.delete(event.pointerId);
      if (!this.fingers.size) this.pinches = false;
      if (event.pointerId !== this.held?.pointer) return;
      const { tool } = this.held;
      this.held = null;
      if (event.type === "pointercancel") tool.drop();
      else tool.release(event);
      if (event.pointerType === "touch") this.painter.brush.hideRing();
    }

    // Ends what is being done, if anything: the picture goes from under it.
    lift() {
      const { held } = this;
      this.held = null;
      held?.tool.release({});
    }

    pinch() {
      this.held?.tool.drop();
      this.held = null;
      this.pinches = true;
      this.painter.brush.hideRing();
    }

    // One of the fingers has moved.
    spread(event) {
      const now = inWindow(event);
      const before = this.fingers.get(event.pointerId);
      this.fingers.set(event.pointerId, now);
      if (this.fingers.size !== 2) return;
      const other = [...this.fingers].find(([id]) => id !== event.pointerId)[1];
      const [from, to] = [middle(before, other), middle(now, other)];
      this.painter.view.zoomBy(distance(now, other) / distance(before, other), from);
      this.painter.view.panBy(to.x - from.x, to.y - from.y);
    }

    at(event) {
      const { parts, mask } = this.painter;
      const box = parts.canvas.getBoundingClientRect();
      const pressure = event.pointerType === "pen" ? LIGHTEST + (1 - LIGHTEST) * event.pressure : 1;
      return { ...pentimento.maskGeometry.toMask(inWindow(event), box, mask), pressure };
    }

    follow(event) {
      const { painter, held } = this;
      if (!painter.mask || (held && event.pointerId !== held.pointer)) return;
      if (event.pointerType === "touch" && !held) return;
      painter.cursor = this.at(event);
      if (painter.tool === painter.brush) painter.brush.showRing();
    }

    // Without a pointer: arrows carry the tool, Space sets it down.
    key(event) {
      const { painter } = this;
      const arrow = ARROWS[event.key];
      if (!painter.mask || this.held || (!arrow && event.key !== " ") || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const { width, height } = painter.mask;
      const { x, y } = (painter.cursor ??= { x: width / 2, y: height / 2 });
      if (!arrow) painter.tool.tap(painter.cursor);
      else {
        const step = Math.max(1, painter.brush.radius / 2);
        const within = (place, limit) => Math.min(limit, Math.max(0, place));
        painter.cursor = { x: within(x + arrow[0] * step, width), y: within(y + arrow[1] * step, height) };
        painter.view.reveal(painter.cursor.x / width, painter.cursor.y / height);
      }
      painter.brush.showRing();
    }
  };

  const inWindow = ({ clientX, clientY }) => ({ x: clientX, y: clientY });

  // Takes the picture by the hand.
  pentimento.MaskMover = class {
    constructor(painter) {
      this.painter = painter;
    }

    press(_point, event) {
      this.last = inWindow(event);
      this.painter.parts.frame.classList.add("is-moving");
    }

    drag(_point, event) {
      const now = inWindow(event);
      this.painter.view.panBy(now.x - this.last.x, now.y - this.last.y);
      this.last = now;
    }

    release() {
      this.painter.parts.frame.classList.remove("is-moving");
    }

    drop() {
      this.release();
    }

    tap() {}
  };
})();
