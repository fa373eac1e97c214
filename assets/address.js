// Where the studio is on its host, and what the page's address says is to be seen: the easel, two paintings side
// by side, or a group of paintings.
(() => {
  "use strict";

  const { requests_pathname_prefix: home } = JSON.parse(document.getElementById("_dash-config").textContent);
  const root = home.replace(/\/$/, ""); // before every path of the studio's own

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    root,
    viewAt(path) {
      if (path?.startsWith(`${root}/compare/`)) return "comparison";
      return path?.startsWith(`${root}/groups/`) ? "group" : "easel";
    },
  });
})();
