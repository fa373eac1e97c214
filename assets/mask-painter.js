// One mask painter: it holds the mask, shows it over the picture, and hands it to the page. What paints it are its tools
// (mask-brush.js, mask-select.js), led by mask-hands.js; its elements are mask-parts.js, its words mask-words.js. mask.js
// finds the places on the page where one belongs.
(() => {
  "use strict";

  const MOST_DRAFTS = 6;
  const SOFTENED = 0.006; // of the long side: the box that softens edges reaches so far

  const pentimento = (window.pentimento ??= {});

  let chosen = "paint"; // the tool in hand: shared by all painters

  const drafts = new Map(); // what a painter is for -> {content, current, mask}: outlives the dialog

  pentimento.MaskPainter = class {
    constructor(root) {
      const { maskPainter: store, maskKey: key = "", maskWords: words = "mask", maskSelect: address } = root.dataset;
      this.root = root;
      this.store = store;
      this.key = key;
      this.words = pentimento.maskWords[words];
      this.mask = null; // until the picture is there
      this.cursor = null; // where the tool is, in mask pixels
      this.dirty = null; // what the screen does not show yet
      this.loads = 0;
      this.parts = pentimento.maskParts(this, this.words, Boolean(address), this.others);
      this.parts.body.dataset.colour = root.dataset.maskColour ?? "";
      this.parts.body.classList.add("is-loading");
      root.append(this.parts.body);
      this.view = new pentimento.MaskView(this);
      this.brush = new pentimento.MaskBrush(this);
      this.selector = new pentimento.MaskSelect(this, address);
      this.mover = new pentimento.MaskMover(this);
      this.hands = new pentimento.MaskHands(this);
      this.selector.show();
      this.choose(chosen);
      this.load();
    }

    // Other masks of this picture: [colour, address] each.
    get others() {
      const { maskOthers: others } = this.root.dataset;
      return others ? others.split(",").map((other) => other.split(" ")) : [];
    }

    // -------------------------------------------------------------------------------------------- loading

    async load() {
      const load = ++this.loads;
      const { maskContent: content, maskCurrent: current = "" } = this.root.dataset;
      if (!content) return;
      const { loadPicture } = pentimento.maskFiles;
      try {
        const picture = await loadPicture(content, "The picture could not be shown. Is the studio still running?");
        if (load !== this.loads) return;
        this.hands.lift();
        this.draft = this.draftOf(content, picture);
        this.mask = this.draft.mask;
        this.showPicture(content);
        if (this.draft.current !== current) await this.loadCurrent(current, load);
        if (load === this.loads) this.showShare();
      } catch (error) {
        if (load === this.loads) this.say(error.message, "error");
      }
    }

    // What was painted over this picture before, else an empty mask.
    draftOf(content, picture) {
      const place = `${this.store} ${this.key}`;
      const known = drafts.get(place);
      const draft = known?.content === content ? known : this.newDraft(content, picture);
      drafts.delete(place);
      drafts.set(place, draft);
      if (drafts.size > MOST_DRAFTS) drafts.delete(drafts.keys().next().value);
      return draft;
    }

    newDraft(content, picture) {
      const { maskWidth, maskHeight } = this.root.dataset;
      const { naturalWidth, naturalHeight } = picture;
      const { maskSize } = pentimento.maskGeometry;
      const size = maskSize(Number(maskWidth) || naturalWidth, Number(maskHeight) || naturalHeight);
      return { content, current: "", mask: new pentimento.maskModel.Mask(size) };
    }

    async loadCurrent(url, load) {
      if (!url) {
        this.draft.current = "";
        this.clear();
        return;
      }
      const { loadPicture, greyOf } = pentimento.maskFiles;
      const picture = await loadPicture(url, "The earlier mask could not be loaded. Paint a new one.");
      if (load !== this.loads) return;
      this.hands.lift();
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
      this.view.reset();
      this.screen = canvas.getContext("2d");
      this.veil = veilColour(canvas);
      body.classList.remove("is-loading");
      this.changed(this.mask.whole);
    }

    // -------------------------------------------------------------------------------------------- tools

    get tool() {
      return { select: this.selector, move: this.mover }[this.chosen] ?? this.brush;
    }

    choose(name) {
      const { selectTool, paintTool, eraseTool, moveTool, frame, sliders, selection } = this.parts;
      if ((name === "select" && !selectTool.isConnected) || (name === "move" && !this.view.isZoomed)) name = "paint";
      this.chosen = chosen = name;
      const tools = { select: selectTool, paint: paintTool, erase: eraseTool, move: moveTool };
      for (const [other, button] of Object.entries(tools)) {
        button.setAttribute("aria-pressed", String(other === name));
        button.classList.toggle("active", other === name);
      }
      this.brush.choose(name === "erase");
      this.brush.hideRing();
      frame.dataset.tool = name;
      sliders.hidden = name === "select" || name === "move";
      selection.hidden = name !== "select";
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

    soften() {
      const radius = (mask) => Math.max(1, Math.round(SOFTENED * Math.max(mask.width, mask.height)));
      this.edit((mask) => mask.replace(pentimento.softened(mask, radius(mask))));
    }

    undo() {
      this.edit((mask) => mask.undo());
    }

    redo() {
      this.edit((mask) => mask.redo());
    }

    edit(action) {
      if (this.mask && !this.hands.held) this.changed(action(this.mask));
    }

    // -------------------------------------------------------------------------------------------- showing

    changed(rect) {
      const { history } = this.mask;
      this.show(rect);
      this.parts.undo.disabled = !history.done.length;
      this.parts.redo.disabled = !history.undone.length;
      this.selector.show();
      if (rect) this.showShare();
    }

    // Draws once a frame, however many strokes came in between, and only where something changed.
    show(rect) {
      if (!rect) return;
      if (!this.dirty) requestAnimationFrame(() => this.draw());
      this.dirty = pentimento.maskGeometry.union(this.dirty, rect);
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
      const { mask, words } = this;
      this.say(mask.isEmpty ? words.empty : words.share(percent(mask.share)));
    }

    say(sentence, mood = "") {
      const { status } = this.parts;
      status.dataset.mood = mood;
      status.textContent = sentence;
    }

    wait(sentence) {
      this.parts.body.classList.add("is-waiting");
      this.say(sentence);
    }

    waited() {
      this.parts.body.classList.remove("is-waiting");
    }

    // -------------------------------------------------------------------------------------------- files and use

    async open(file) {
      const { openPicture, greyOf } = pentimento.maskFiles;
      try {
        const picture = await openPicture(file);
        this.edit((mask) => mask.replace(greyOf(picture, mask)));
        this.showShare();
      } catch (error) {
        this.say(error.message, "error");
      }
    }

    async save() {
      const { greyPng, save } = pentimento.maskFiles;
      if (this.mask) save(await greyPng(this.mask));
    }

    async use() {
      const { mask, draft, words } = this;
      const { use, body } = this.parts;
      const { maskOf: of = "" } = this.root.dataset; // another one may be shown by the time it has arrived
      if (!mask || use.disabled) return;
      if (mask.isEmpty) {
        this.say(words.nothing, "error");
        return;
      }
      use.disabled = true;
      body.classList.add("is-sending");
      this.say("Sending …");
      try {
        const answer = await pentimento.upload(await pentimento.maskFiles.greyPng(mask));
        draft.current = answer.url; // the page will name it as the current one: it is on the canvas already
        pentimento.deliver(this.store, { ...answer, share: mask.share, key: this.key, of });
        this.say(words.used(percent(mask.share)), "done");
      } catch (error) {
        this.say(error.message, "error");
      } finally {
        use.disabled = false;
        body.classList.remove("is-sending");
      }
    }
  };

  const percent = (share) => (share < 0.01 ? "less than 1 %" : `${Math.round(100 * share)} %`);

  // The stylesheet's --mask-veil, in whatever notation, as [red, green, blue].
  function veilColour(element) {
    const screen = pentimento.maskFiles.canvasOf(1, 1).getContext("2d");
    screen.fillStyle = getComputedStyle(element).getPropertyValue("--mask-veil").trim() || "#ff2e88";
    screen.fillRect(0, 0, 1, 1);
    return screen.getImageData(0, 0, 1, 1).data;
  }
})();
