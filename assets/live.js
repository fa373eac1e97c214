// The page's own reflexes: what must not wait for the studio. Callbacks name these functions (components/*.py).
(() => {
  "use strict";

  const SILENT_MS = 5000; // without a sign of life for so long, the page asks by itself
  const LOST_MS = 12000; // and after so long it says that it hears nothing

  let lastBeat = Date.now();
  let beatSeen = null;

  const noUpdate = () => window.dash_clientside.no_update;

  // A question that found nobody is the quickest sign that the studio is gone. Dash tells only the console.
  const ask = window.fetch;
  window.fetch = (...question) =>
    ask(...question).catch((error) => {
      if (!leaving && String(question[0]).includes("_dash-update-component")) lose();
      throw error;
    });

  let leaving = false; // the browser breaks off whatever is asked while it leaves the page
  window.addEventListener("pagehide", () => (leaving = true));
  window.addEventListener("pageshow", () => (leaving = false));

  function lose() {
    lastBeat = -Infinity;
    window.dash_clientside.set_props("disconnected", { hidden: false });
    for (const store of ["start-awaited", "pictures-arriving"]) window.dash_clientside.set_props(store, { data: false });
    document.dispatchEvent(new Event("pentimento:lost"));
  }

  document.addEventListener("pentimento:uploading", (event) => {
    window.dash_clientside.set_props("pictures-uploading", { data: event.detail > 0 });
  });

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    // Points to append to the curves; some may be there already, as each message repeats the newest ones.
    appendPoints(told, figure) {
      if (!told || !figure) return noUpdate();
      if (!document.querySelector("#losses-graph .scatterlayer")) {
        // Plotly is still at the first drawing.
        setTimeout(() => window.dash_clientside.set_props("losses-points", { data: `${told} ` }), 200);
        return noUpdate();
      }
      const points = JSON.parse(told);
      const last = figure.data[0].x.at(-1) ?? -Infinity;
      const first = points.x.findIndex((x) => x > last);
      if (first < 0) return noUpdate();
      const y = points.y.map((values) => values.slice(first));
      const x = y.map(() => points.x.slice(first));
      return [{ x, y }, y.map((_, trace) => trace)];
    },

    // [when to ask the studio for news, whether the warning stays hidden]
    watchFeed(_clock, beat) {
      if (beat !== beatSeen) {
        beatSeen = beat;
        lastBeat = Date.now();
      }
      const silence = Date.now() - lastBeat;
      return [silence > SILENT_MS ? Date.now() : noUpdate(), silence < LOST_MS];
    },

    closeNotice: () => false,

    // Another painting: the canvas comes into view (on a phone, Start is far below it), uncovered.
    turnToPainting(job) {
      const studio = document.querySelector(".studio");
      document.querySelector(".frame").style.setProperty("--compare", "0%");
      if (job && studio.getBoundingClientRect().top < 0) studio.scrollIntoView({ behavior: "smooth" });
      return 0;
    },
  });

  // The photograph is drawn over the painting as far as the slider goes.
  document.addEventListener("input", (event) => {
    if (event.target.id !== "compare-slider") return;
    document.querySelector(".frame")?.style.setProperty("--compare", `${event.target.value}%`);
  });

  // The frame takes the picture's shape. Small previews are a pixel off: those do not make it tremble.
  function fitFrame(picture) {
    const frame = picture.closest(".frame");
    const aspect = picture.naturalWidth / picture.naturalHeight;
    const now = Number(getComputedStyle(frame).getPropertyValue("--aspect"));
    if (Math.abs(aspect / now - 1) > 0.03) frame.style.setProperty("--aspect", aspect.toFixed(4));
  }

  (window.pentimento ??= {}).fitFrame = (picture) => picture?.naturalWidth && fitFrame(picture);

  document.addEventListener(
    "load",
    (event) => {
      event.target.classList?.remove("is-broken");
      if (event.target.id === "live-picture") fitFrame(event.target);
    },
    true,
  );

  // A picture that cannot be shown leaves its frame, not a broken icon.
  document.addEventListener("error", (event) => event.target.matches?.("img") && event.target.classList.add("is-broken"), true);
})();
