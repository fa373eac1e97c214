// The mask painter's Select tool: the studio looks what the thing under a click is, and that goes into the mask, or out
// of it. Clicks in a row are told together, so that each refines what the others mean; an edit of another kind ends the
// row. What is proposed without a click (subject, background, sky) goes in and out in the same way.
(() => {
  "use strict";

  const LOST = "The studio did not answer. Is it still running?";
  const NOTHING = "Nothing is painted there that could be taken away.";

  const pentimento = (window.pentimento ??= {});

  const choice = { takes: false }; // away instead of adding; shared by all painters, as the brush is

  const added = (base, thing) => base.map((value, i) => Math.max(value, thing[i]));
  const taken = (base, thing) => base.map((value, i) => Math.min(value, 255 - thing[i]));

  pentimento.MaskSelect = class {
    constructor(painter, address) {
      this.painter = painter;
      this.address = address; // of the picture at the studio
      this.row = null; // {takes, base, clicks, levels, level, patch}: clicks that are told together
      this.work = Promise.resolve();
      this.wanted = null; // the level that the slider asks for
      if (address) this.propose();
    }

    press(point) {
      this.pressed = point;
    }

    drag() {}

    release(event) {
      const { pressed } = this;
      this.drop();
      if (pressed) this.click(pressed, Boolean(event.altKey));
    }

    drop() {
      this.pressed = null;
    }

    tap(point) {
      this.click(point, false);
    }

    get takes() {
      return choice.takes;
    }

    choose(takes) {
      choice.takes = takes;
      this.show();
    }

    // -------------------------------------------------------------------------------------------- clicks

    // One after the other: each builds on what the one before has brought.
    click(point, turned) {
      const takes = choice.takes !== turned;
      this.work = this.work.then(() => this.select(point, takes));
    }

    async select(point, takes) {
      const { mask } = this.painter;
      if (!mask) return;
      if (takes && mask.valueAt(point) < 128) {
        this.painter.say(NOTHING);
        return;
      }
      const row = this.rowFor(point, takes);
      const place = { x: share(point.x, mask.width), y: share(point.y, mask.height), add: takes === row.takes };
      await this.ask({ ...row, clicks: [...row.clicks, place] });
    }

    // The row that a click goes on with: what was selected, not painted, is taken away by refining the selection.
    rowFor(point, takes) {
      const { mask } = this.painter;
      const { row } = this;
      const at = Math.floor(point.y) * mask.width + Math.floor(point.x);
      if (this.isOpen && (takes === row.takes || (takes && row.base[at] < 128))) return row;
      return { takes, base: mask.pixels.slice(), clicks: [], patch: null };
    }

    // Whether the last edit was this row's.
    get isOpen() {
      return Boolean(this.row) && this.row.patch === this.painter.mask?.history.done.at(-1);
    }

    // The slider: how much of what is there the last click means. Only the newest place counts.
    setLevel(rung) {
      const asked = this.wanted === null;
      this.wanted = rung;
      if (asked) this.work = this.work.then(() => this.level());
    }

    async level() {
      const rung = this.wanted;
      this.wanted = null;
      if (!this.isOpen) return;
      const { clicks, levels } = this.row;
      const last = { ...clicks.at(-1), level: levels.length > 1 ? rung / (levels.length - 1) : 0 };
      await this.ask({ ...this.row, clicks: [...clicks.slice(0, -1), last] });
    }

    async ask(row) {
      const { painter } = this;
      const { mask } = painter;
      const before = mask.history.done.at(-1);
      painter.wait("Looking what is there …");
      try {
        const answer = await told(`${this.address}/select`, { clicks: row.clicks });
        const thing = await this.pixelsOf(answer.url);
        if (mask !== painter.mask || mask.history.done.at(-1) !== before || mask.stroke) return;
        const changed = this.put(row, (row.takes ? taken : added)(row.base, thing));
        const { levels, level } = answer;
        this.row = changed ? { ...row, levels, level, patch: mask.history.done.at(-1) } : null;
        painter.showShare();
      } catch (error) {
        painter.say(error.message, "error");
      } finally {
        painter.waited();
        this.show();
      }
    }

    // A row is one step to undo, however many clicks it has.
    put({ patch }, values) {
      const { mask } = this.painter;
      const goesOn = patch && patch === mask.history.done.at(-1);
      const changed = goesOn ? mask.amend(values) : mask.replace(values);
      this.painter.changed(changed);
      return changed;
    }

    async pixelsOf(url) {
      const { loadPicture, greyOf } = pentimento.maskFiles;
      return greyOf(await loadPicture(url, LOST), this.painter.mask);
    }

    // -------------------------------------------------------------------------------------------- proposals

    async propose() {
      const { suggestions } = this.painter.parts;
      const proposed = await pentimento.maskProposals(this.address);
      if (proposed.length) suggestions.offer(proposed, (one) => this.take(one));
      else suggestions.none();
    }

    take({ url }) {
      this.work = this.work.then(async () => {
        const { painter } = this;
        if (!painter.mask) return;
        try {
          const thing = await this.pixelsOf(url);
          painter.edit((mask) => mask.replace((choice.takes ? taken : added)(mask.pixels, thing)));
        } catch (error) {
          painter.say(error.message, "error");
        }
      });
    }

    // -------------------------------------------------------------------------------------------- showing

    show() {
      const { addTool, takeTool, extent } = this.painter.parts;
      press(addTool, !choice.takes);
      press(takeTool, choice.takes);
      const levels = this.isOpen ? this.row.levels : [];
      extent.steps(levels.length, levels.length > 1 ? Math.round(this.row.level * (levels.length - 1)) : 0);
    }
  };

  const share = (at, size) => Math.min(1, Math.max(0, at / size));

  function press(tool, is) {
    tool.setAttribute("aria-pressed", String(is));
    tool.classList.toggle("active", is);
  }

  // -------------------------------------------------------------------------------------------- the studio

  async function told(url, body) {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }).catch(() => {
      throw new Error(LOST);
    });
    const said = await answer.json().catch(() => null);
    if (answer.ok && said) return said;
    throw new Error(said?.error?.message ?? `The studio could not select there (status ${answer.status}).`);
  }

  const proposals = new Map(); // address of a picture -> what the studio proposes, asked once

  // [{name, mask, url, thumbnail, area}], perhaps none.
  pentimento.maskProposals = (address) => {
    if (!proposals.has(address)) {
      const asked = fetch(`${address}/proposals`)
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(LOST))))
        .catch(() => {
          proposals.delete(address); // perhaps next time
          return [];
        });
      proposals.set(address, asked);
    }
    return proposals.get(address);
  };
})();
