// The preview: asks for it whenever what it shows has changed, one question at a time, and hangs it in the canvas.
//
// It is there while no painting is under way, and only if the pictures are not those of the painting that is shown.
(() => {
  "use strict";

  const SIZE = 512; // as in components/preview.py
  const DECADES = 3; // as in components/controls.py
  const EVEN_SHARE = 50; // as in components/pictures.py
  const FINISHED = ["done", "failed", "cancelled"];
  const AGAIN_MS = 1000; // after the studio had too much to do, or another window of ours asked
  const WAITS = [409, 429, 503];
  const WORDS = "A quick look from a fast network. Start paints it in full, and better.";
  const PARTS = "Your mask and regions are not in it yet.";
  const SILENT = "The studio does not answer, so there is no preview.";

  const at = (id) => document.getElementById(id);
  const pentimento = (window.pentimento ??= {});

  let wanted = null; // what to ask, as JSON
  let shown = null;
  let words = WORDS;
  let underWay = false;

  // Weights are the sliders' places, in decades. The lesser the style's beside the photograph's, the weaker.
  function strength(slider, style, content) {
    const fromWeights = 1 + Math.min(0, (Number(style ?? 0) - Number(content ?? 0)) / DECADES);
    return Math.round(100 * (Number(slider ?? 100) / 100) * Math.max(0, fromWeights)) / 100;
  }

  const pair = (photograph, paintings) => [photograph, ...paintings].join(" ");

  function isOnTheEasel(content, styles, result) {
    return result?.pair && pair(...result.pair) === pair(content.id, styles.map(({ id }) => id));
  }

  function question(content, styles, shares, strong) {
    const weight = (style, place) => Number(shares.length === styles.length ? shares[place] : style.share) / EVEN_SHARE;
    const weighed = styles.map((style, place) => ({ image: style.id, weight: styles.length > 1 ? weight(style, place) : 1 }));
    return JSON.stringify({ content: content.id, styles: weighed, strength: strong, size: SIZE });
  }

  // ------------------------------------------------------------------------------------------ what is seen

  function hang(state) {
    const page = at("page");
    if (!page || (page.dataset.preview ?? null) === state) return;
    window.dash_clientside.set_props("page", { "data-preview": state });
    if (state) return;
    at("preview-picture")?.replaceChildren();
    pentimento.fitFrame?.(at("live-picture")); // which the frame had left for the preview's shape
  }

  function say(sentence) {
    const place = at("preview-words");
    if (place && place.textContent !== sentence) place.textContent = sentence;
  }

  async function show(blob) {
    const picture = new Image();
    picture.alt = "Preview of the painting";
    picture.src = URL.createObjectURL(blob);
    await picture.decode();
    URL.revokeObjectURL(picture.src);
    if (!wanted) return; // a painting began meanwhile
    at("preview-picture").replaceChildren(picture);
    pentimento.fitFrame?.(picture);
    say(words);
    hang("shown");
  }

  // ------------------------------------------------------------------------------------------ asking

  async function ask(body) {
    try {
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(`${window.dash_clientside.pentimento.root}/api/v1/preview`, { method: "POST", headers, body });
      if (answer.ok) return { picture: await answer.blob() };
      return { again: WAITS.includes(answer.status), sentence: (await answer.json()).error.message };
    } catch {
      return { again: true, sentence: SILENT };
    }
  }

  // Of what changes while a preview is on its way only the newest is asked for, next.
  async function follow() {
    if (underWay) return;
    underWay = true;
    while (wanted && wanted !== shown) {
      const asked = wanted;
      const { picture, again, sentence } = await ask(asked);
      if (!wanted) break;
      if (picture) {
        shown = asked;
        await show(picture).catch(() => {});
      } else if (asked === wanted) {
        if (!again) shown = asked; // it would be refused again
        at("preview-picture").replaceChildren();
        say(sentence);
        hang("refused");
        if (again) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
    underWay = false;
  }

  function turnTo(body) {
    wanted = body;
    if (wanted) follow();
    else {
      shown = null;
      hang(null);
    }
  }

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    // What is previewed, or nothing.
    previewOf(content, styles, shares, slider, style, photograph, mask, regions, state, view, result) {
      const isFree = view === "easel" && (state === "empty" || (FINISHED.includes(state) && result));
      const isThere = content && styles?.length && isFree && !isOnTheEasel(content, styles, result);
      words = mask || regions?.length ? `${WORDS} ${PARTS}` : WORDS;
      turnTo(isThere ? question(content, styles, shares, strength(slider, style, photograph)) : null);
      if (at("page")?.dataset.preview === "shown") say(words);
      return wanted;
    },
  });
})();
