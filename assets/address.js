// What the page's address says is to be seen: the easel, two paintings side by side, or a group of paintings.
(() => {
  "use strict";

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    viewAt(path) {
      if (path?.startsWith("/compare/")) return "comparison";
      return path?.startsWith("/groups/") ? "group" : "easel";
    },
  });
})();
