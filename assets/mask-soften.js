// Soft edges for a whole mask: three passes of a box each way, which is as good as a Gaussian.
(() => {
  "use strict";

  const PASSES = 3;

  // One pass over lines of `length` values `stride` apart; beyond the ends the outermost value goes on.
  function pass(from, to, lines, lineStride, length, stride, radius) {
    for (let line = 0; line < lines; line++) {
      const first = line * lineStride;
      const at = (i) => from[first + Math.min(length - 1, Math.max(0, i)) * stride];
      let sum = 0;
      for (let i = -radius; i <= radius; i++) sum += at(i);
      for (let i = 0; i < length; i++) {
        to[first + i * stride] = sum / (2 * radius + 1);
        sum += at(i + radius + 1) - at(i - radius);
      }
    }
  }

  // The mask's pixels with edges as soft as some two radii (whole pixels).
  (window.pentimento ??= {}).softened = ({ pixels, width, height }, radius) => {
    let [a, b] = [Float32Array.from(pixels), new Float32Array(pixels.length)];
    for (let i = 0; i < PASSES; i++) {
      pass(a, b, height, width, width, 1, radius);
      pass(b, a, width, 1, height, width, radius);
    }
    return Uint8ClampedArray.from(a);
  };
})();
