// The networks, which run in a worker so that the page stays responsive while they do.

export const STYLE_SIZE = 256; // the predictor's side
export const DIMENSIONS = 100;

export class Painter {
  #worker = new Worker(new URL("painter-worker.js", import.meta.url));
  #waiting = new Map();
  #last = 0;

  constructor() {
    this.#worker.addEventListener("message", ({ data: { id, result, error } }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    });
  }

  /** Loads what runs the networks and the networks themselves from `kit`, an address that ends in a slash. */
  load(kit) {
    return this.#ask({ ask: "load", kit: new URL(kit, document.baseURI).href });
  }

  /** The style of a picture, `ImageData` of `STYLE_SIZE` on either side, as a Float32Array of `DIMENSIONS`. */
  vector(picture) {
    return this.#ask({ ask: "vector", pixels: picture.data }, [picture.data.buffer]);
  }

  /** A square picture, `ImageData`, in the style of a vector: `ImageData` of the same size. */
  async paint(picture, vector) {
    const size = picture.width;
    const pixels = await this.#ask({ ask: "paint", pixels: picture.data, size, vector }, [picture.data.buffer]);
    return new ImageData(pixels, size);
  }

  /** Where a size is painted: "webgpu" or "wasm". */
  accelerator(size) {
    return this.#ask({ ask: "accelerator", size });
  }

  #ask(message, transfer = []) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...message }, transfer);
    });
  }
}

/** The line from the photograph's own vector to the style's: strength 0 is the one, 1 the other. */
export function between(own, style, strength) {
  return style.map((value, index) => own[index] + strength * (value - own[index]));
}
