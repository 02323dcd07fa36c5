// What stands around the page before its own scripts run: a camera whose pictures come from the test, and a look at what
// the page shows and hears. As an attacker would have it: the page's own rules hold.

globalThis.stage = (() => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
  const context = canvas.getContext('2d', { alpha: false });
  let track = null;

  const camera = () => {
    const stream = canvas.captureStream(0);
    [track] = stream.getVideoTracks();
    // As an honest camera says; a canvas has a random name.
    Object.defineProperty(track, 'label', { value: 'HD Webcam' });
    track.getSettings = () => ({ width: canvas.width, height: canvas.height, frameRate: 30 });
    return stream;
  };

  const heard = [];
  globalThis.WebSocket = class extends WebSocket {
    constructor(...all) {
      super(...all);
      this.addEventListener('message', ({ data }) => heard.push(JSON.parse(data)));
    }
  };

  return {
    /** The page's camera is this one. */
    play() {
      navigator.mediaDevices.getUserMedia = async () => camera();
    },
    /** The camera delivers a JPEG. */
    async picture(base64) {
      const jpeg = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([jpeg]));
      const { width, height } = bitmap;
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      context.drawImage(bitmap, 0, 0);
      track?.requestFrame();
    },
    /** What is on the screen. */
    shown() {
      const at = (id) => document.getElementById(id);
      const section = document.querySelector('main > section:not([hidden])');
      const message = at('message');
      return {
        section: section?.id ?? '',
        message: message && !message.hidden ? message.dataset.message ?? null : null,
        say: at('say')?.textContent ?? '',
        note: at('document-note')?.textContent ?? '',
        finder: at('viewfinder')?.hidden === false,
        phase: at('live')?.dataset.phase ?? '',
        colour: at('live')?.style.backgroundColor ?? '',
        // As the browser computes it: seconds.
        fade_ms: at('live') ? Math.round(1000 * parseFloat(getComputedStyle(at('live')).transitionDuration)) : 0,
        movement: at('arrow')?.dataset.movement ?? '',
        step: at('count')?.textContent ?? '',
      };
    },
    /** What the server has ended attempts with. */
    ends: () => heard.filter(({ type }) => type === 'result' || type === 'refused'),
  };
})();
