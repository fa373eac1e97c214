// The chart's script, Plotly's, is most of what the page weighs, and while a browser reads it no slider moves. So it is
// Plotly's own small edition, which has lines and little else, and it is read when the page has come to rest: loaded, and
// left alone by hand and keyboard for a while.
(() => {
  "use strict";

  const REST_MS = 2500;
  const PLOTLY = new URL("vendor/plotly-basic.min.js", document.currentScript.src).href;

  // Where Dash looks for it once there is a chart. Dash would write the whole edition's address there.
  Object.defineProperty(window, "_dashPlotlyJSURL", { get: () => PLOTLY, set() {} });

  let rest = null;

  function begin() {
    rest = setTimeout(() => (window.requestIdleCallback ?? setTimeout)(end), REST_MS);
  }

  function disturb() {
    clearTimeout(rest);
    begin();
  }

  const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "input", "touchstart"];

  function end() {
    for (const sign of SIGNS) window.removeEventListener(sign, disturb, true);
    window.dash_clientside.set_props("losses-at-rest", { data: true });
  }

  for (const sign of SIGNS) window.addEventListener(sign, disturb, { capture: true, passive: true });
  window.addEventListener("load", begin);

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    // An empty chart, out of sight: with it Dash fetches the script that draws.
    fetchPlotly: () => ({ type: "Graph", namespace: "dash_core_components", props: { figure: {} } }),
  });
})();
