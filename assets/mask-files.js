// Masks as pictures: from an address or a file to grey pixels, and from these to a PNG.
(() => {
  "use strict";

  // Rejects with an Error that says `failure`.
  async function loadPicture(url, failure) {
    const picture = new Image();
    picture.src = url;
    await picture.decode().catch(() => {
      throw new Error(failure);
    });
    return picture;
  }

  // The file's picture; rejects with an Error fit to be shown.
  async function openPicture(file) {
    const url = URL.createObjectURL(file);
    try {
      return await loadPicture(url, `“${file.name}” is not a picture that can be opened here. Choose a PNG or JPEG.`);
    } finally {
      URL.revokeObjectURL(url);
    }
  }

  // How light the picture is, on black, one byte a pixel at this size.
  function greyOf(picture, { width, height }) {
    const screen = canvasOf(width, height).getContext("2d");
    screen.fillRect(0, 0, width, height);
    screen.imageSmoothingQuality = "high";
    screen.drawImage(picture, 0, 0, width, height);
    const { data } = screen.getImageData(0, 0, width, height);
    const light = (i) => 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
    return Uint8ClampedArray.from({ length: width * height }, (_, i) => light(4 * i));
  }

  function greyPng({ width, height, pixels }) {
    const canvas = canvasOf(width, height);
    const image = new ImageData(width, height);
    pixels.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i));
    canvas.getContext("2d").putImageData(image, 0, 0);
    return new Promise((resolve) => {
      canvas.toBlob((blob) => resolve(new File([blob], "mask.png", { type: "image/png" })), "image/png");
    });
  }

  // Into the folder where the browser puts what it downloads.
  function save(file) {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: file.name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  function canvasOf(width, height) {
    return Object.assign(document.createElement("canvas"), { width, height });
  }

  (window.pentimento ??= {}).maskFiles = { loadPicture, openPicture, greyOf, greyPng, save, canvasOf };
})();
