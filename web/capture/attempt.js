// One attempt: the connection, its messages, its end.

import { about } from './camera.js';
import { Frames } from './frames.js';
import { address } from './server.js';

/** Silence after which the connection counts as lost: the server answers frames many times a second. */
const SILENCE_MS = 10_000;
const JUDGING_MS = 60_000;

/**
 * Opens an attempt. `on` has `hello`, `seen`, `step`, `moved`, `judging` (each with the server's message) and `ended`,
 * which is called once, with a `result` or `refused` message, or `{type: "lost", opened, begun}`.
 */
export class Attempt {
  #socket;
  #on;
  #frames = null;
  #watch = 0;
  #over = false;
  #opened = false;
  #begun = false;
  #offline = () => this.#lost();

  constructor(path, language, on) {
    this.#on = on;
    const url = address('scan');
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener('open', () => this.#tell({
      type: 'hello', language, path,
      camera: about(),
      screen: { width: screen.width, height: screen.height },
      automation: navigator.webdriver === true,
    }));
    this.#socket.addEventListener('message', ({ data }) => this.#heard(data));
    this.#socket.addEventListener('close', () => this.#lost());
    window.addEventListener('offline', this.#offline);
    this.#await(SILENCE_MS);
  }

  /** The person is set. */
  begin() {
    this.#begun = true;
    this.#tell({ type: 'begin' });
  }

  /** The screen has painted the step `nonce` and shows it since `since`. */
  shown(nonce, since) {
    this.#frames?.painted(nonce, since);
    this.#tell({ type: 'shown', nonce });
  }

  /** Ends it without a word to `on`. */
  close() {
    this.#finish();
  }

  #tell(message) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #heard(data) {
    if (this.#over) return;
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    this.#await(message.type === 'judging' ? JUDGING_MS : SILENCE_MS);
    switch (message.type) {
      case 'hello':
        this.#opened = true;
        this.#frames ??= new Frames(document.getElementById('video'), message.max_fps, (frame) => {
          if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
        });
        this.#on.hello(message);
        break;
      case 'seen':
        this.#frames?.seen(message.sequence);
        this.#on.seen(message);
        break;
      case 'judging':
        this.#frames?.stop();
        this.#on.judging(message);
        break;
      case 'step':
      case 'moved':
        this.#on[message.type](message);
        break;
      case 'result':
      case 'refused':
        this.#finish();
        this.#on.ended({ ...message, begun: this.#begun });
        break;
      default: // A later server may say more.
    }
  }

  #await(ms) {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#lost(), ms);
  }

  #lost() {
    if (this.#over) return;
    this.#finish();
    this.#on.ended({ type: 'lost', opened: this.#opened, begun: this.#begun });
  }

  #finish() {
    this.#over = true;
    clearTimeout(this.#watch);
    window.removeEventListener('offline', this.#offline);
    this.#frames?.stop();
    this.#socket.close();
  }
}
