// The document before the camera: a picture of each side, taken here or chosen from the files, and what the server says of
// it.

import * as camera from './camera.js';
import * as server from './server.js';
import { has, text } from './texts.js';
import { at, fill, show, tell, warn } from './view.js';

/** Bounds of a picture that the server looks at. */
const MOST_BYTES = 10_000_000;
const LEAST = [640, 480];
const MOST = [3840, 2160];
/** Of the JPEGs that are made here. */
const QUALITY = 0.92;
/** What another picture does not mend. */
const FINAL = ['over', 'no_consent', 'unknown', 'other_browser', 'no_cookie'];

let kind = null;
let on = null;
let busy = false;
// Whether the person turned the camera on: then it is on for the next picture too.
let wanted = false;

/** Connects the buttons, once. `hooks.taken()` is called when a picture was taken, `hooks.problem(code)` where no other helps. */
export function prepare(hooks) {
  on = hooks;
  at('shoot').addEventListener('click', () => (camera.isOn() ? shoot() : open()));
  at('file').addEventListener('change', async () => {
    const [file] = at('file').files;
    at('file').value = '';
    if (file) await send(() => prepared(file));
  });
}

/** Asks for a picture of `side`; `feedback` says what was wrong with the one before. */
export function ask(side) {
  kind = side;
  at('document-title').textContent = text(`document-${kind}-title`);
  at('document-text').textContent = text(`document-${kind}-text`);
  note(null);
  rest();
  show('document');
  if (wanted && !camera.isOn()) open();
}

function rest() {
  at('viewfinder').hidden = !camera.isOn();
  // Read by now; the button is to be seen beside the picture.
  at('document-tips').hidden = camera.isOn();
  at('shoot').textContent = text(camera.isOn() ? 'document-shoot' : 'document-open');
}

async function open() {
  if (busy) return;
  const mine = kind;
  work('camera-wait');
  const trouble = await camera.open(() => lost('camera_lost'), 'finder', camera.DOCUMENT);
  work(null);
  if (trouble === undefined || mine !== kind) return;
  if (trouble) {
    lost(trouble);
    return;
  }
  wanted = true;
  rest();
  note(null);
  tell(text('document-hold'));
}

function lost(trouble) {
  wanted = false;
  rest();
  note(`${text(`problem-${trouble}-title`)}. ${text(`problem-${trouble}-way`)} ${text('document-or-file')}`);
}

function shoot() {
  const video = at('finder');
  video.pause();
  return send(() => drawn(video, video.videoWidth, video.videoHeight))
    .finally(() => camera.isOn() && video.play().catch(() => {}));
}

async function send(make) {
  if (busy) return;
  note(null);
  work('document-sending');
  const made = await make();
  const answer = made.error ? made : await server.picture(kind, made);
  work(null);
  if (answer.feedback === 'ok') {
    tell(text('document-taken'));
    on.taken(answer);
  } else if (FINAL.includes(answer.error)) {
    on.problem(answer.error);
  } else {
    const id = answer.error ? `picture-${answer.error}` : `feedback-${answer.feedback}`;
    note(text(has(id) ? id : 'picture-technical'));
  }
}

// The file as it is, where the server takes it so; else drawn anew.
async function prepared(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return { error: 'unreadable' };
  }
  const { width, height } = bitmap;
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  const fits = long <= MOST[0] && short <= MOST[1] && file.size <= MOST_BYTES;
  if (file.type === 'image/jpeg' && fits && long >= LEAST[0] && short >= LEAST[1]) return file;
  return drawn(bitmap, width, height);
}

async function drawn(picture, width, height) {
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  if (long < LEAST[0] || short < LEAST[1]) return { error: 'too_small' };
  const fit = Math.min(1, MOST[0] / long, MOST[1] / short);
  const canvas = Object.assign(document.createElement('canvas'), {
    width: Math.floor(width * fit), height: Math.floor(height * fit),
  });
  canvas.getContext('2d', { alpha: false }).drawImage(picture, 0, 0, canvas.width, canvas.height);
  const jpeg = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
  if (!jpeg) return { error: 'unreadable' };
  return jpeg.size > MOST_BYTES ? { error: 'too_large' } : jpeg;
}

// Says `sentence` below the picture, and aloud.
function note(sentence) {
  fill(at('document-note'), sentence);
  if (sentence) warn(sentence);
}

function work(id) {
  busy = id !== null;
  at('document').setAttribute('aria-busy', String(busy));
  for (const button of ['shoot', 'file']) at(button).disabled = busy;
  fill(at('document-wait'), busy ? text(id) : null);
  if (busy) tell(text(id));
}
