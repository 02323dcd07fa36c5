// The camera: asking for it, what it is, giving it back.

import { at } from './view.js';

/** What is asked of a camera that looks at a face. */
const FACE = { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
/** What is asked of one that looks at a document: the one at the back of a phone, and as many pixels as are taken. */
export const DOCUMENT = { facingMode: { ideal: 'environment' }, width: { ideal: 3840 }, height: { ideal: 2160 } };
const FIRST_PICTURE_MS = 10_000;

const PROBLEMS = {
  NotAllowedError: 'permission',
  SecurityError: 'permission',
  NotFoundError: 'no_camera',
  OverconstrainedError: 'no_camera',
  NotReadableError: 'in_use',
  AbortError: 'in_use',
};

let stream = null;
let screen = null;
// Counts the askings, so that a camera that comes after the page has gone on is given back at once.
let asking = 0;

/**
 * Turns the camera on and shows it in the video `id`. `lost` is called once when it goes away by itself. Returns null, or
 * the problem; undefined where somebody closed it in the meantime.
 */
export async function open(lost, id = 'video', video = FACE) {
  close();
  const mine = ++asking;
  try {
    const got = await navigator.mediaDevices.getUserMedia({ audio: false, video });
    if (mine !== asking) {
      stop(got);
      return undefined;
    }
    stream = got;
    stream.getVideoTracks()[0].addEventListener('ended', () => mine === asking && lost(), { once: true });
    screen = at(id);
    const shown = await show(screen);
    if (mine !== asking) return undefined;
    if (!shown) close();
    return shown ? null : 'in_use';
  } catch (error) {
    if (mine !== asking) return undefined;
    close();
    return PROBLEMS[error.name] ?? 'no_camera';
  }
}

// Some cameras that another program holds open without an error and never deliver a picture.
async function show(video) {
  video.srcObject = stream;
  video.play().catch(() => {});
  for (const end = performance.now() + FIRST_PICTURE_MS; performance.now() < end;) {
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && video.videoWidth > 0) return true;
    await new Promise((done) => setTimeout(done, 50));
  }
  return false;
}

/** What the camera says of itself, as `hello` tells it. */
export function about() {
  const track = stream?.getVideoTracks()[0];
  const { width, height, frameRate } = track?.getSettings() ?? {};
  const video = screen;
  return {
    label: track?.label ?? '',
    width: width ?? video?.videoWidth,
    height: height ?? video?.videoHeight,
    frame_rate: Math.round(frameRate ?? 0),
  };
}

/** Whether it is on. */
export const isOn = () => stream?.getVideoTracks()[0]?.readyState === 'live';

/** Turns it off. */
export function close() {
  asking += 1;
  if (stream) stop(stream);
  stream = null;
  if (screen) screen.srcObject = null;
  screen = null;
}

const stop = (of) => of.getTracks().forEach((track) => track.stop());
