// Steering: a control that is moved and let go while a painting is under way changes that painting, at once; of those
// that follow close behind, or while the studio has one in hand, only the newest counts.
(() => {
  "use strict";

  const SETTLE_MS = 150; // arrow keys let go of a slider at each step
  const FLAG_PX = 14; // numbers in the chart that stand closer hide each other
  const GREY = "What is grey is settled until it is finished.";
  const UNDER_WAY = {
    queued: `What you change here counts when the painting begins. ${GREY}`,
    running: `What you change here acts on the painting with its next step. ${GREY}`,
    paused: `What you change here counts when the painting goes on. ${GREY}`,
    interrupted: `What you change here counts when the painting goes on. ${GREY}`,
  };
  const FIXED = "It cannot change while a painting is under way. Stop it, or wait until it is finished.";

  let names = new Set(); // of what was moved and is not sent
  let settling = null;
  let sent = -Infinity;
  let awaited = false; // the studio has a change in hand

  const at = (id) => document.getElementById(id);
  const isUnderWay = () => at("page")?.dataset.state in UNDER_WAY;

  // The option's name, or "blend"; nothing for what cannot be steered.
  function nameOf(control) {
    if (control.id?.includes?.('"style-weight"')) return "blend";
    return control.closest?.("[data-live]")?.dataset.live;
  }

  function send() {
    if (awaited || !names.size) return;
    awaited = true;
    sent = performance.now();
    window.dash_clientside.set_props("steered", { data: { names: [...names], at: Date.now() } });
    names = new Set();
  }

  document.addEventListener("change", (event) => {
    const name = nameOf(event.target);
    if (!name || !isUnderWay()) return;
    names.add(name);
    clearTimeout(settling);
    settling = setTimeout(send, performance.now() - sent > SETTLE_MS ? 0 : SETTLE_MS);
  });

  document.addEventListener("pentimento:lost", () => {
    awaited = false;
  });

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    steerAnswered(waits) {
      if (waits) return;
      awaited = false;
      send();
    },

    // [hint, each preset disabled, each fixed option disabled, why]
    steerable(state) {
      const outputs = window.dash_clientside.callback_context.outputs_list.slice(1);
      const hint = UNDER_WAY[state] ?? null;
      return [hint, ...outputs.map(({ property }) => (property === "disabled" ? Boolean(hint) : hint ? FIXED : null))];
    },

    // What was asked for, until it is in force; then what is.
    steerNote(answer, marks, job) {
      const told = marks && marks.job === job ? marks.told : [];
      if (answer && answer.job === job && answer.made >= told.length) return answer.words;
      return told.at(-1) ?? null;
    },

    // In the chart, and in words below it.
    drawMarks({ told, shapes, annotations }) {
      mark({ shapes, annotations });
      return told.map((words) => ({ type: "Li", namespace: "dash_html_components", props: { children: words } }));
    },
  });

  // All lines, but of flags that would hide each other the later one.
  function legible(plot, { annotations }) {
    const axis = plot._fullLayout.xaxis;
    let next = Infinity;
    return annotations.toReversed().filter(({ x }) => {
      const place = axis.l2p(x);
      const stands = next - place >= FLAG_PX;
      if (stands) next = place;
      return stands;
    });
  }

  let newest = null; // marks, of which an older drawing gives way

  function mark(marks, tries = 50) {
    if (tries === 50) newest = marks;
    if (newest !== marks) return;
    const plot = document.querySelector("#losses-graph .js-plotly-plot");
    if (plot?._fullLayout && window.Plotly) window.Plotly.relayout(plot, { ...marks, annotations: legible(plot, marks) });
    else if (tries) setTimeout(mark, 100, marks, tries - 1); // Plotly is still at the first drawing
  }
})();
