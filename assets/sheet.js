// The photograph in 26 styles: painted when the panel is open, and once for each photograph.
(() => {
  "use strict";

  const STYLES = 26;
  const CHOOSE = "Choose a photograph first.";
  const COMING = "The styles are being painted.";
  const SILENT = "The studio does not answer. Open this again in a moment.";

  const at = (id) => document.getElementById(id);

  let photograph = null;
  let shown; // the photograph of which the tiles are

  async function fetched(content) {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(`${window.dash_clientside.pentimento.root}/api/v1/preview/sheet`, { method: "POST", headers, body: JSON.stringify({ content }) });
    if (!answer.ok) throw new Error((await answer.json()).error.message);
    return createImageBitmap(await answer.blob());
  }

  // One of the pictures that stand one below the other.
  function tile(sheet, number) {
    const canvas = document.createElement("canvas");
    canvas.width = sheet.width;
    canvas.height = sheet.height / STYLES;
    canvas.getContext("2d").drawImage(sheet, 0, -number * canvas.height);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `The photograph in style ${number + 1}`);
    canvas.title = `Style ${number + 1}`;
    return canvas;
  }

  async function show() {
    if (!at("sheet")?.open || photograph === shown) return;
    const asked = (shown = photograph);
    at("sheet-view").replaceChildren();
    at("sheet-note").textContent = asked ? COMING : CHOOSE;
    if (!asked) return;
    let tiles = [];
    let note = "";
    try {
      const sheet = await fetched(asked);
      tiles = Array.from({ length: STYLES }, (_, number) => tile(sheet, number));
    } catch (error) {
      note = error instanceof TypeError ? SILENT : error.message;
      if (shown === asked) shown = undefined; // the next time it is opened it is tried again
    }
    if (photograph !== asked) return;
    at("sheet-note").textContent = note;
    at("sheet-view").replaceChildren(...tiles);
  }

  document.addEventListener("toggle", (event) => event.target.id === "sheet" && show(), true);

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    sheetOf(content) {
      photograph = content?.id ?? null;
      show();
      return photograph;
    },
  });
})();
