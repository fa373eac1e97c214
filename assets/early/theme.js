// Light or dark, before the first paint: what the visitor chose last time, else what the system prefers.
(() => {
  "use strict";

  const KEY = "pentimento-theme";
  const root = document.documentElement;
  const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage is forbidden here
    }
  }

  const apply = () => {
    root.dataset.bsTheme = chosen() ?? (prefersDark.matches ? "dark" : "light");
  };

  apply();
  prefersDark.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#theme-toggle")) return;
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(KEY, root.dataset.bsTheme);
    } catch {
      // The choice holds until the page is left.
    }
  });
})();
