// Lets the browser install the studio, and open it with a kind word while the server is away.
(() => {
  "use strict";

  if (!("serviceWorker" in navigator)) return; // only at a secure address
  window.addEventListener("load", () => {
    navigator.serviceWorker.register(`${window.dash_clientside.pentimento.root}/service-worker.js`, { updateViaCache: "none" }).catch(() => {
      // Storage is forbidden here; the studio works all the same.
    });
  });
})();
