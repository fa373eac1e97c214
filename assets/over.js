// What lies over the painting on the easel: one of its stages, or the painting at another strength.
//
// `pentimento.over.show(url)` puts a picture there once it is drawn, so that nothing flickers; of several that are
// asked for at once the newest wins, and at most one is on its way. `show(null)` uncovers the painting.
(() => {
  "use strict";

  const pentimento = (window.pentimento ??= {});

  let wanted = null;
  let underWay = false;
  let uncovered = 0; // how often; what was asked for before that is not shown any more

  const place = () => document.getElementById("over-picture");

  async function fetchWanted() {
    if (underWay) return;
    underWay = true;
    while (wanted) {
      const url = wanted;
      const asked = uncovered;
      const picture = new Image();
      picture.alt = "";
      picture.src = url;
      try {
        await picture.decode();
      } catch {
        if (wanted === url) pentimento.over.show(null); // it is gone: the painting itself stays in sight
        continue;
      }
      if (asked !== uncovered) continue;
      place()?.replaceChildren(picture);
      if (wanted === url) break;
    }
    underWay = false;
  }

  pentimento.over = {
    show(url) {
      wanted = url;
      if (url) fetchWanted();
      else {
        uncovered += 1;
        place()?.replaceChildren();
      }
    },
  };
})();
