// The device's camera, and what to say when there is none to be had.

const WHY = {
  NotAllowedError: "The camera was not allowed. Allow it in the browser’s settings for this page, then start again.",
  NotFoundError: "No camera was found. A photograph can be painted all the same.",
  NotReadableError: "The camera is in use by another program.",
  OverconstrainedError: "This device has no such camera.",
};
const TELLS_FRAMES = "requestVideoFrameCallback" in HTMLVideoElement.prototype;
const INSECURE = "The browser gives the camera only to a secure address: one with https, or localhost.";

export class CameraError extends Error {}

const end = (stream) => stream.getTracks().forEach((track) => track.stop());

/** Event: "ended", when it was unplugged or taken back. */
export class Camera extends EventTarget {
  #video;
  #stream = null;
  #wish = 0; // raised whenever it is opened or closed: whoever began before that is too late
  #facing = "environment";
  #isFresh = false;

  constructor(video) {
    super();
    this.#video = video;
  }

  get isOpen() {
    return this.#stream !== null;
  }

  /** A front camera shows a mirror, as people expect of it. */
  get isMirror() {
    return this.#facing === "user";
  }

  /** What to draw, if there is a frame that was not taken yet: none is painted twice. */
  take() {
    if (!this.#isFresh || this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
    this.#isFresh = !TELLS_FRAMES;
    return this.#video;
  }

  /** Rejects with a `CameraError`, whose message is for people. Closed meanwhile, it stays closed without a word. */
  async open() {
    if (!navigator.mediaDevices?.getUserMedia) throw new CameraError(INSECURE);
    this.close();
    const wish = this.#wish;
    const isWanted = () => wish === this.#wish;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: this.#facing, width: { ideal: 640 }, height: { ideal: 480 } },
      });
      if (isWanted()) await this.#play(stream);
      else end(stream);
    } catch (error) {
      if (isWanted()) throw new CameraError(WHY[error.name] ?? `The camera cannot be used (${error.name}).`);
    }
  }

  async #play(stream) {
    this.#stream = stream;
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", () => {
      if (this.#stream !== stream) return;
      this.close();
      this.dispatchEvent(new Event("ended"));
    });
    this.#facing = track.getSettings().facingMode ?? this.#facing;
    this.#video.srcObject = stream;
    await this.#video.play();
    this.#isFresh = true;
    if (TELLS_FRAMES) this.#video.requestVideoFrameCallback(this.#arrived);
  }

  #arrived = () => {
    this.#isFresh = true;
    if (this.isOpen) this.#video.requestVideoFrameCallback(this.#arrived);
  };

  async turn() {
    this.#facing = this.isMirror ? "environment" : "user";
    await this.open();
  }

  async count() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter((device) => device.kind === "videoinput").length;
  }

  close() {
    this.#wish += 1;
    if (this.#stream) end(this.#stream);
    this.#stream = null;
    this.#video.srcObject = null;
  }
}
