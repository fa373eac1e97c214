// What the mask painter says, by what is painted: where the style may go at all, a region with a style of its own, or the
// part of a painting that is copied (data-mask-words).
(() => {
  "use strict";

  (window.pentimento ??= {}).maskWords = {
    mask: {
      brush: "Paint where the style should go",
      empty: "Paint where the style should go. The rest stays a photograph.",
      share: (part) => `${part} of the picture takes the style.`,
      nothing: "Nothing is painted yet. Paint where the style should go; Fill takes the whole picture.",
      use: "Use this mask",
      used: (part) => `The mask is in use: ${part} of the picture takes the style.`,
    },
    region: {
      brush: "Paint what belongs to the region",
      empty: "Select or paint what belongs to the region.",
      share: (part) => `The region covers ${part} of the photograph.`,
      nothing: "The region is empty. Select or paint what belongs to it; Fill takes the whole photograph.",
      use: "Use this region",
      used: (part) => `The region is in use: it covers ${part} of the photograph.`,
    },
    guide: {
      brush: "Paint the part whose style is copied",
      empty: "Select or paint the part of the painting whose style is copied.",
      share: (part) => `The style of ${part} of the painting is copied.`,
      nothing: "Nothing is painted yet. Select or paint the part to copy; Fill takes the whole painting.",
      use: "Copy this part",
      used: (part) => `The style of ${part} of the painting is copied.`,
    },
  };
})();
