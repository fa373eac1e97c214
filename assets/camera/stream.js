// The way to the studio and back: frames go out, paintings come in. At most one is under way.
//
// Events: "painting" (detail: Blob, JPEG), "refusal" (detail: { code, message }), "lost" (the connection).

const IMPATIENT_MS = 10_000; // after so long an answer counts as lost

export class Stream extends EventTarget {
  #address;
  #socket = null;
  #look = null;
  #sent = null; // when the frame that is not answered was sent

  constructor(address) {
    super();
    const url = new URL(address, document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    this.#address = url.href;
  }

  /** Whether a frame that is sent now is painted at once. */
  get isFree() {
    const waits = this.#sent !== null && performance.now() - this.#sent < IMPATIENT_MS;
    return this.#socket?.readyState === WebSocket.OPEN && this.#look !== null && !waits;
  }

  open() {
    if (this.#socket) return;
    const socket = new WebSocket(this.#address);
    socket.binaryType = "blob";
    this.#socket = socket;
    this.#sent = null;
    socket.addEventListener("open", () => this.#tell());
    socket.addEventListener("message", ({ data }) => this.#heard(data));
    socket.addEventListener("close", () => {
      if (this.#socket !== socket) return; // closed by ourselves
      this.#socket = null;
      this.dispatchEvent(new Event("lost"));
    });
  }

  close() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** How to paint from the next frame on: { styles: [{ image }], strength }. */
  look(look) {
    this.#look = look;
    this.#tell();
  }

  /** Sends a frame, a Blob. */
  paint(frame) {
    if (!this.isFree) return;
    this.#sent = performance.now();
    this.#socket.send(frame);
  }

  #tell() {
    if (this.#look && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(this.#look));
  }

  #heard(data) {
    this.#sent = null;
    if (data instanceof Blob) this.dispatchEvent(new CustomEvent("painting", { detail: data }));
    else this.dispatchEvent(new CustomEvent("refusal", { detail: JSON.parse(data).error }));
  }
}
