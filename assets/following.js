// The controls follow the painting under way: what another window or a program changes of it is seen here. A control
// that a hand holds, or has moved a moment ago, is left alone until the studio tells of what the hand did.
(() => {
  "use strict";

  const MOVED_MS = 3000; // by then the studio has told of it, or has refused it
  const AGAIN_MS = 500;
  const PARTS = "parts"; // mask, regions and guides, moved as one

  const moved = new Map(); // id -> when a hand last moved it
  let held = null; // what the pointer is on
  let followed = null; // the newest settings
  let styles = [];
  let told = null; // of the parts, the last that went to the panels: job and all
  let again = null;

  const at = (id) => document.getElementById(id);
  const nameOf = (id) => (typeof id === "string" ? id : JSON.stringify(id, Object.keys(id).sort()));

  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, ({ target }) => target.id && moved.set(target.id, performance.now()), true);
  }
  document.addEventListener("pointerdown", ({ target }) => (held = target), true);
  for (const kind of ["pointerup", "pointercancel"]) window.addEventListener(kind, () => (held = null), true);

  function isInHand(name, control) {
    if (control && (held === control || (control.type === "number" && document.activeElement === control))) return true;
    return performance.now() - (moved.get(name) ?? -Infinity) < MOVED_MS;
  }

  // Whether it stands there now; else a hand has it.
  function put(id, value) {
    const name = nameOf(id);
    const control = at(name);
    if (!control || same(control, value)) {
      moved.delete(name);
      return true;
    }
    if (isInHand(name, control)) return false;
    window.dash_clientside.set_props(id, { value });
    return true;
  }

  // A slider stands on steps, which a program's number need not hit.
  const same = ({ value: stands, step }, value) =>
    typeof value === "number" ? Math.abs(stands - value) <= (Number(step) || 0) / 2 : stands === value;

  function putAll({ options, styles: painted, shares }) {
    const places = Object.entries(options);
    if (painted.join() === styles.map(({ id }) => id).join()) {
      shares.forEach((share, place) => places.push([{ type: "style-weight", place }, share]));
    }
    return places.filter(([id, value]) => !put(id, value)).length === 0;
  }

  const noUpdate = () => window.dash_clientside.no_update;

  function settle() {
    clearTimeout(again);
    if (!followed || putAll(followed)) return;
    again = setTimeout(settle, AGAIN_MS);
  }

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    // What the panels' pictures are to become, when that has changed.
    follow(settings, shown, job) {
      styles = shown ?? [];
      followed = settings?.job === job ? settings : null;
      settle();
      if (!followed) return noUpdate();
      const parts = JSON.stringify([job, followed[PARTS]]);
      if (parts === told) return noUpdate();
      told = parts;
      return followed[PARTS];
    },
  });
})();
