// One mask painter: what its tools, the pointer and the keyboard do to the mask, and how that is shown. Its pixels are
// mask-model.js, its elements mask-parts.js; mask.js finds the places on the page where one belongs.
(() => {
  "use strict";

  const pentimento = (window.pentimento ??= {});

  // In per cent: the brush's diameter of the picture's long side, and how much of its radius is a soft edge. Shared by
  // all painters, as a hand keeps its brush from one picture to the next.
  const brush = { erase: false, size: 12, softness: 30 };
  const SIZE = { min: 1, max: 60, step: 0.5 };
  const RING_SHOWN_MS = 900;

  const drafts = new Map(); // store id -> {content, current, mask}: outlives the dialog

  pentimento.MaskPainter = class {
    constructor(root) {
      this.root = root;
      this.store = root.dataset.maskPainter;
      this.mask = null; // until the picture is there
      this.pointer = null; // the finger, pen or mouse that is painting
      this.cursor = null; // where the brush is, in mask pixels
      this.dirty = null; // what the screen does not show yet
      this.loads = 0;
      this.parts = pentimento.maskParts(this, SIZE);
      this.parts.body.classList.add("is-loading");
      root.append(this.parts.body);
      this.listen();
      this.showBrush();
      this.load();
    }

    // -------------------------------------------------------------------------------------------- loading

    async load() {
      const load = ++this.loads;
      const { maskContent: content, maskCurrent: current = "" } = this.root.dataset;
      if (!content) return;
      const draft = drafts.get(this.store);
      const known = draft?.content === content;
      try {
        const picture = await loadPicture(content, "The picture could not be shown. Is the studio still running?");
        if (load !== this.loads) return;
        this.lift();
        this.draft = known ? draft : this.startDraft(content, picture);
        this.mask = this.draft.mask;
        this.showPicture(content);
        if (this.draft.current !== current) await this.loadCurrent(current, load);
        if (load === this.loads) this.showShare();
      } catch (error) {
        if (load === this.loads) this.say(error.message, "error");
      }
    }

    startDraft(content, picture) {
      const { maskWidth, maskHeight } = this.root.dataset;
      const { Mask, maskSize } = pentimento.maskModel;
      const size = maskSize(Number(maskWidth) || picture.naturalWidth, Number(maskHeight) || picture.naturalHeight);
      const draft = { content, current: "", mask: new Mask(size) };
      drafts.set(this.store, draft);
      return draft;
    }

    async loadCurrent(url, load) {
      if (!url) {
        this.draft.current = "";
        this.clear();
        return;
      }
      const picture = await loadPicture(url, "The earlier mask could not be loaded. Paint a new one.");
      if (load !== this.loads) return;
      this.lift();
      this.draft.current = url;
      this.changed(this.mask.replace(greyOf(picture, this.mask)));
    }

    showPicture(url) {
      const { picture, canvas, frame, body } = this.parts;
      const { width, height } = this.mask;
      picture.src = url;
      canvas.width = width;
      canvas.height = height;
      frame.style.setProperty("--mask-aspect", width / height);
      this.screen = canvas.getContext("2d");
      this.veil = veilColour(canvas);
      body.classList.remove("is-loading");
      this.changed(this.mask.whole);
      this.showRing();
    }

    // -------------------------------------------------------------------------------------------- painting

    listen() {
      const { canvas } = this.parts;
      canvas.addEventListener("pointerdown", (event) => this.press(event));
      canvas.addEventListener("pointermove", (event) => this.drag(event));
      for (const type of ["pointerup", "pointercancel"]) {
        canvas.addEventListener(type, (event) => this.release(event));
      }
      canvas.addEventListener("pointerenter", (event) => this.follow(event));
      canvas.addEventListener("pointerleave", () => this.pointer === null && this.hideRing());
      canvas.addEventListener("keydown", (event) => this.paintWithKeys(event));
      canvas.addEventListener("focus", () => this.showRing());
      canvas.addEventListener("blur", () => this.hideRing());
      canvas.addEventListener("contextmenu", (event) => event.pointerType !== "mouse" && event.preventDefault());
    }

    get radius() {
      return (brush.size / 200) * Math.max(this.mask.width, this.mask.height);
    }

    press(event) {
      const eraserEnd = event.pointerType === "pen" && (event.buttons & 32) !== 0;
      if (!this.mask || this.pointer !== null || (event.button !== 0 && !eraserEnd)) return;
      this.parts.canvas.setPointerCapture(event.pointerId);
      this.pointer = event.pointerId;
      this.beginStroke(brush.erase || eraserEnd);
      if (event.shiftKey && this.last) this.strokeTo(this.last); // a straight line from the last stroke's end
      this.strokeTo(this.at(event));
      this.follow(event);
    }

    drag(event) {
      this.follow(event);
      if (event.pointerId !== this.pointer) return;
      // The browser bundles moves into one event a frame; the ones between make curves round.
      const moves = event.getCoalescedEvents?.() ?? [];
      for (const move of moves.length ? moves : [event]) this.strokeTo(this.at(move));
    }

    release(event) {
      if (event.pointerId !== this.pointer) return;
      this.lift();
      if (event.pointerType === "touch") this.hideRing();
    }

    // Ends the stroke in hand, if any: the pointer has gone up, or the picture goes from under it.
    lift() {
      if (this.pointer === null) return;
      this.pointer = null;
      this.endStroke();
    }

    beginStroke(erase) {
      this.mask.beginStroke({ erase, radius: this.radius, softness: brush.softness / 100 });
    }

    strokeTo(point) {
      this.last = point;
      this.show(this.mask.strokeTo(point));
    }

    endStroke() {
      this.changed(this.mask.endStroke());
    }

    at(event) {
      const box = this.parts.canvas.getBoundingClientRect();
      return pentimento.maskModel.toMask({ x: event.clientX, y: event.clientY }, box, this.mask);
    }

    // Without a pointer: arrows carry the brush, Space sets it down.
    paintWithKeys(event) {
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
      if (!this.mask || this.pointer !== null || (dx === undefined && event.key !== " ")) return;
      event.preventDefault();
      const { width, height } = this.mask;
      const { x, y } = (this.cursor ??= { x: width / 2, y: height / 2 });
      if (dx === undefined) {
        this.beginStroke(brush.erase);
        this.strokeTo(this.cursor);
        this.endStroke();
      } else {
        const step = Math.max(1, this.radius / 2);
        this.cursor = {
          x: Math.min(width, Math.max(0, x + dx * step)),
          y: Math.min(height, Math.max(0, y + dy * step)),
        };
      }
      this.showRing();
    }

    fill() {
      this.edit((mask) => mask.fill());
    }

    clear() {
      this.edit((mask) => mask.clear());
    }

    invert() {
      this.edit((mask) => mask.invert());
    }

    undo() {
      this.edit((mask) => mask.undo());
    }

    redo() {
      this.edit((mask) => mask.redo());
    }

    edit(action) {
      if (this.mask && this.pointer === null) this.changed(action(this.mask));
    }

    // -------------------------------------------------------------------------------------------- brush

    choose(erase) {
      brush.erase = erase;
      this.showBrush();
    }

    setSize(percent) {
      brush.size = Math.min(SIZE.max, Math.max(SIZE.min, percent));
      this.showBrush();
      this.flashRing();
    }

    scaleSize(factor) {
      this.setSize(brush.size * factor);
    }

    setSoftness(percent) {
      brush.softness = percent;
      this.showBrush();
      this.flashRing();
    }

    showBrush() {
      const { paintTool, eraseTool, size, softness, ring } = this.parts;
      paintTool.setAttribute("aria-pressed", String(!brush.erase));
      eraseTool.setAttribute("aria-pressed", String(brush.erase));
      paintTool.classList.toggle("active", !brush.erase);
      eraseTool.classList.toggle("active", brush.erase);
      ring.classList.toggle("is-erasing", brush.erase);
      size.show(brush.size);
      softness.show(brush.softness);
    }

    follow(event) {
      if (!this.mask || (this.pointer !== null && event.pointerId !== this.pointer)) return;
      if (event.pointerType === "touch" && this.pointer === null) return;
      this.cursor = this.at(event);
      this.showRing();
    }

    showRing() {
      if (!this.mask || !this.cursor) return;
      const { ring, frame } = this.parts;
      const { width, height } = this.mask;
      ring.style.left = `${(100 * this.cursor.x) / width}%`;
      ring.style.top = `${(100 * this.cursor.y) / height}%`;
      ring.style.width = `${(200 * this.radius) / width}%`;
      ring.style.setProperty("--mask-core", 1 - brush.softness / 100);
      frame.classList.add("has-ring");
    }

    hideRing() {
      this.parts.frame.classList.remove("has-ring");
    }

    // A new size or softness is seen in the middle of the picture, unless the brush is on it.
    flashRing() {
      const { frame, canvas } = this.parts;
      if (!this.mask) return;
      if (!canvas.matches(":hover, :focus")) this.cursor = { x: this.mask.width / 2, y: this.mask.height / 2 };
      this.showRing();
      clearTimeout(this.flash);
      this.flash = setTimeout(() => frame.matches(":hover, :focus-within") || this.hideRing(), RING_SHOWN_MS);
    }

    // -------------------------------------------------------------------------------------------- showing

    changed(rect) {
      const { history } = this.mask;
      this.show(rect);
      this.parts.undo.disabled = !history.done.length;
      this.parts.redo.disabled = !history.undone.length;
      if (rect) this.showShare();
    }

    // Draws once a frame, however many strokes came in between, and only where something changed.
    show(rect) {
      if (!rect) return;
      if (!this.dirty) requestAnimationFrame(() => this.draw());
      this.dirty = pentimento.maskModel.union(this.dirty, rect);
    }

    draw() {
      const { left, top, right, bottom } = this.dirty;
      this.dirty = null;
      const image = this.screen.createImageData(right - left, bottom - top);
      const [red, green, blue] = this.veil;
      let at = 0;
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++, at += 4) {
          image.data[at] = red;
          image.data[at + 1] = green;
          image.data[at + 2] = blue;
          image.data[at + 3] = this.mask.pixels[y * this.mask.width + x];
        }
      }
      this.screen.putImageData(image, left, top);
    }

    showShare() {
      const { mask } = this;
      if (mask.isEmpty) this.say("Paint where the style should go. The rest stays a photograph.");
      else this.say(`${percent(mask.share)} of the picture takes the style.`);
    }

    say(sentence, mood = "") {
      const { status } = this.parts;
      status.dataset.mood = mood;
      status.textContent = sentence;
    }

    // -------------------------------------------------------------------------------------------- using

    async use() {
      const { mask, draft } = this;
      const { use } = this.parts;
      if (!mask || use.disabled) return;
      if (mask.isEmpty) {
        this.say("Nothing is painted yet. Paint where the style should go; Fill takes the whole picture.", "error");
        return;
      }
      use.disabled = true;
      this.parts.body.classList.add("is-sending");
      this.say("Sending the mask …");
      try {
        const answer = await pentimento.upload(await greyPng(mask));
        draft.current = answer.url; // the page will name it as the current one: it is on the canvas already
        pentimento.deliver(this.store, { ...answer, share: mask.share });
        this.say(`The mask is in use: ${percent(mask.share)} of the picture takes the style.`, "done");
      } catch (error) {
        this.say(error.message, "error");
      } finally {
        use.disabled = false;
        this.parts.body.classList.remove("is-sending");
      }
    }
  };

  const percent = (share) => (share < 0.01 ? "Less than 1 %" : `${Math.round(100 * share)} %`);

  // ---------------------------------------------------------------------------------------------- pictures

  async function loadPicture(url, failure) {
    const picture = new Image();
    picture.src = url;
    await picture.decode().catch(() => {
      throw new Error(failure);
    });
    return picture;
  }

  function greyOf(picture, { width, height }) {
    const screen = canvasOf(width, height).getContext("2d");
    screen.drawImage(picture, 0, 0, width, height);
    const { data } = screen.getImageData(0, 0, width, height);
    return Uint8ClampedArray.from({ length: width * height }, (_, i) => data[4 * i]);
  }

  function greyPng({ width, height, pixels }) {
    const canvas = canvasOf(width, height);
    const image = new ImageData(width, height);
    pixels.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i));
    canvas.getContext("2d").putImageData(image, 0, 0);
    return new Promise((resolve) => {
      canvas.toBlob((blob) => resolve(new File([blob], "mask.png", { type: "image/png" })), "image/png");
    });
  }

  function canvasOf(width, height) {
    return Object.assign(document.createElement("canvas"), { width, height });
  }

  // The stylesheet's --mask-veil, in whatever notation, as [red, green, blue].
  function veilColour(element) {
    const screen = canvasOf(1, 1).getContext("2d");
    screen.fillStyle = getComputedStyle(element).getPropertyValue("--mask-veil").trim() || "#ff2e88";
    screen.fillRect(0, 0, 1, 1);
    return screen.getImageData(0, 0, 1, 1).data;
  }
})();
