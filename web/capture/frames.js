// Pictures of the camera as frames of the protocol (docs/capture.md): drawn, encoded, numbered, and never too many.

/** Longest and shortest side of a picture: a phone's camera stands upright. */
const LONG = 640;
const SHORT = 480;
/** The protocol's bound for a picture, less some room. */
const MOST_BYTES = 58_000;
const FEW_BYTES = 40_000;
const BEST = 0.85;
const WORST = 0.3;
const HEADER_BYTES = 30;
/** Frames on the way without an answer. */
const MOST_UNANSWERED = 3;
/** Under the server's rate by this much, since the clocks of camera and server differ. */
const SLACK = 1.05;

/** Sends the pictures of `video` with `send(buffer)` until it is stopped. */
export class Frames {
  #video;
  #send;
  #interval;
  #next = 0;
  #sequence = 0;
  #answered = 0;
  #last = 0;
  #quality = 0.8;
  #scale = 1;
  #encoding = false;
  #stopped = false;
  #painted = [];
  #canvas = typeof OffscreenCanvas === 'function' && 'convertToBlob' in OffscreenCanvas.prototype
    ? new OffscreenCanvas(1, 1) : document.createElement('canvas');

  constructor(video, maxFps, send) {
    this.#video = video;
    this.#send = send;
    this.#interval = (1000 / maxFps) * SLACK;
    this.#wait();
  }

  /** The server has answered the frame `sequence`, and with it those before. */
  seen(sequence) {
    this.#answered = Math.max(this.#answered, Math.min(sequence, this.#sequence));
  }

  /** The screen has shown the step `nonce` since `since` (ms of the page's clock). */
  painted(nonce, since) {
    this.#painted.push({ since, nonce: bytesOf(nonce) });
  }

  stop() {
    this.#stopped = true;
  }

  #wait() {
    if (this.#stopped) return;
    if ('requestVideoFrameCallback' in this.#video) {
      this.#video.requestVideoFrameCallback((now, { captureTime }) => {
        // A clock that is not the page's own is of no use.
        const sane = captureTime > now - 1000 && captureTime <= now + 1;
        this.#picture(now, sane ? captureTime : now);
        this.#wait();
      });
    } else {
      requestAnimationFrame((now) => {
        this.#picture(now, now);
        this.#wait();
      });
    }
  }

  #picture(now, taken) {
    const tooMany = this.#sequence - this.#answered >= MOST_UNANSWERED;
    if (this.#stopped || this.#encoding || tooMany || now < this.#next || taken <= this.#last) return;
    // A late picture may be followed by one that is early by half an interval: so the rate holds on average.
    this.#next = Math.max(this.#next, now - this.#interval / 2) + this.#interval;
    this.#encoding = true;
    this.#encode()
      .then((jpeg) => jpeg && !this.#stopped && this.#pack(jpeg, taken))
      .catch(() => {}) // A picture that cannot be encoded is left out; the server tells when too few come.
      .finally(() => { this.#encoding = false; });
  }

  async #encode() {
    const { videoWidth, videoHeight } = this.#video;
    if (!videoWidth) return null;
    const [short, long] = [Math.min(videoWidth, videoHeight), Math.max(videoWidth, videoHeight)];
    const fit = Math.min(1, LONG / long, SHORT / short) * this.#scale;
    // Rounded down, so that no picture has a row too many.
    this.#canvas.width = Math.max(1, Math.floor(videoWidth * fit));
    this.#canvas.height = Math.max(1, Math.floor(videoHeight * fit));
    const context = this.#canvas.getContext('2d', { alpha: false, willReadFrequently: true });
    context.drawImage(this.#video, 0, 0, this.#canvas.width, this.#canvas.height);
    for (;;) {
      const blob = await this.#jpeg();
      if (!blob) return null;
      if (blob.size <= MOST_BYTES) {
        if (blob.size < FEW_BYTES) this.#quality = Math.min(BEST, this.#quality + 0.02);
        return blob.arrayBuffer();
      }
      if (this.#quality <= WORST) {
        this.#scale *= 0.8;
        return null;
      }
      this.#quality = Math.max(WORST, this.#quality - 0.1);
    }
  }

  #jpeg() {
    const type = 'image/jpeg';
    if ('convertToBlob' in this.#canvas) return this.#canvas.convertToBlob({ type, quality: this.#quality });
    return new Promise((done) => this.#canvas.toBlob(done, type, this.#quality));
  }

  #pack(jpeg, taken) {
    const frame = new Uint8Array(HEADER_BYTES + jpeg.byteLength);
    const header = new DataView(frame.buffer);
    this.#sequence += 1;
    this.#last = taken;
    header.setUint8(0, 1);
    header.setUint32(2, this.#sequence);
    header.setBigUint64(6, BigInt(Math.max(0, Math.round(taken * 1000))));
    const step = this.#painted.findLast(({ since }) => since <= taken);
    if (step) frame.set(step.nonce, 14);
    frame.set(new Uint8Array(jpeg), HEADER_BYTES);
    this.#send(frame.buffer);
  }
}

function bytesOf(nonce) {
  return Uint8Array.from({ length: 16 }, (_, place) => parseInt(nonce.slice(place * 2, place * 2 + 2), 16));
}
