// The live capture: camera, placing the face, challenge, judging. What comes before and after is the page's. It shows and
// sends; whatever counts is decided by the server.

import { Attempt } from './attempt.js';
import * as camera from './camera.js';
import * as challenge from './challenge.js';
import * as guidance from './guidance.js';
import * as message from './message.js';
import * as server from './server.js';
import { reducedMotion } from './support.js';
import { has, page, text } from './texts.js';
import { at, fill, show, tell } from './view.js';

/** Waits between tries to connect again, before anything has begun. */
const AGAIN_MS = [1_000, 2_000, 4_000, 6_000];
/** A connection that lasted this long was a good one: losing it begins the tries anew. */
const LASTED_MS = 15_000;
/** After a connection was lost in the middle: how long and how often to ask what became of the attempt. */
const SETTLE_MS = 9_000;
const SETTLE_EVERY_MS = 1_500;
/** Problems that trying again on this page does not solve. */
const FINAL = ['other_browser', 'no_cookie', 'other_text', 'unknown', 'unsupported', 'insecure'];

let attempt = null;
let path = 'flashes';
let tries = 0;
let openedAt = 0;
// Counts what replaces the screen, so that an answer that comes late changes nothing.
let turn = 0;
let awake = null;
// What the page does where the capture ends: `over(now)` shows the screen of a state in which no capture goes on, or returns
// false; `judged({outcome, reasons}, now)` and `lost(now)` show an end; `consent()` asks for what is missing.
let on = null;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Ends whatever runs: connection, camera, countdowns. */
export function rest() {
  turn += 1;
  attempt?.close();
  attempt = null;
  awake?.release().catch(() => {});
  awake = null;
  camera.close();
  guidance.rest();
  challenge.leave();
}

/** Something ended the check, or keeps it from going on; for `minutes`, where that is known. */
export async function problem(code, onAgain = open, minutes = null) {
  rest();
  const mine = turn;
  if (FINAL.includes(code)) {
    message.say(`problem-${code}`, { urgent: true });
    return;
  }
  if (code === 'over') {
    const now = await server.state();
    if (mine !== turn || on.over(now)) return;
    if (now.error && now.error !== 'over') await problem(now.error, onAgain);
    else if (isUsedUp(now)) await settle('busy');
    else on.lost(now);
    return;
  }
  message.say(has(`problem-${code}-title`) ? `problem-${code}` : 'problem-technical', { onAgain, minutes, urgent: true });
  // How many attempts are left, and whether the check is over by now, is the server's to say.
  const now = await server.state();
  if (mine !== turn) return;
  if (FINAL.includes(now.error)) await problem(now.error);
  else if (now.error === 'over') on.lost(now);
  else if (on.over(now)) return;
  else if (isUsedUp(now)) {
    if (code !== 'busy') await settle('busy');
  } else if (now.state === 'open' && !minutes) fill(at('message-left'), text('live-left', { left: now.attempts_left }));
}

// The last attempt goes on, in another tab or until the server sees that its page is gone: what it comes to is not known.
function isUsedUp(now) {
  return now.state === 'open' && now.attempts_left === 0;
}

/** Asks for the camera and how it is to be done. */
export function ask() {
  rest();
  const reduced = reducedMotion();
  at('paths').hidden = reduced;
  at('paths-reduced').hidden = !reduced;
  show('camera');
}

async function open() {
  rest();
  const mine = turn;
  show('camera');
  waiting(true);
  tell(text('camera-wait'));
  const trouble = await camera.open(() => problem('camera_lost', ask));
  waiting(false);
  if (mine !== turn || trouble === undefined) return;
  if (trouble) {
    await problem(trouble, open);
    return;
  }
  // A screen that dims in the middle would spoil the light. Not every browser can, and none must.
  navigator.wakeLock?.request('screen').then((lock) => { awake = lock; }, () => {});
  tries = 0;
  show('live');
  connect('live-connect');
}

function waiting(on) {
  at('camera-wait').hidden = !on;
  at('camera-open').disabled = on;
}

function connect(sentence) {
  const mine = turn;
  let asked = false;
  if (reducedMotion()) path = 'fades';
  at('to-fades').hidden = path === 'fades';
  guidance.instead(text(sentence));
  attempt?.close();
  attempt = new Attempt(path, page.language, {
    hello({ attempts_left: left }) {
      openedAt = performance.now();
      at('left').textContent = text('live-left', { left });
      guidance.guide(() => {
        challenge.enter();
        attempt.begin();
      });
    },
    seen: guidance.seen,
    async step(step) {
      asked = true;
      const current = attempt;
      const since = await challenge.paint(step);
      if (since !== null && mine === turn) current?.shown(step.nonce, since);
    },
    moved: challenge.moved,
    judging() {
      camera.close();
      challenge.leave();
      message.say('judging', { sign: 'wait' });
    },
    ended: (end) => ended({ ...end, asked }, mine),
  });
}

async function ended(end, mine) {
  if (mine !== turn) return;
  if (end.type === 'result') await judged(end);
  else if (end.type === 'refused' && (end.begun || end.reason !== 'busy')) await refused(end);
  else if (end.begun) await settle('network');
  else await again(end, mine);
}

async function judged({ outcome, reasons = [], attempts_left: left }) {
  rest();
  const mine = turn;
  if (outcome === 'retry' && left > 0) {
    message.say('retry', { reasons, left, onAgain: open });
    return;
  }
  // Only the state knows the way back.
  const now = await server.state();
  if (mine !== turn) return;
  on.judged({ outcome, reasons }, now);
}

async function refused({ reason, begun, asked }) {
  if (reason === 'bad_message' && begun && !asked && tries < AGAIN_MS.length) {
    // The face moved while `begin` was on its way. No attempt has begun: place it again.
    tries += 1;
    challenge.leave();
    show('live');
    connect('guide-hold_still');
    return;
  }
  if (reason === 'time_over') {
    const mine = turn;
    const now = await server.state();
    if (mine !== turn) return;
    // The time of the preview may be over, or that of the whole check.
    rest();
    if (on.over(now)) return;
    await problem(begun ? 'technical' : 'paused');
    return;
  }
  await problem(reason);
}

// Before anything has begun a lost connection costs nothing: connect again, unless the server says why not. Also where
// it is busy with another scan: it may take a while to see that the other end of a lost connection is gone.
async function again({ opened, reason }, mine) {
  const sentence = reason ? 'live-connect' : 'live-reconnect';
  guidance.instead(text(sentence));
  if (opened && performance.now() - openedAt >= LASTED_MS) tries = 0;
  const now = await server.state();
  if (mine !== turn) return;
  if (now.error && now.error !== 'network') {
    if (now.error === 'no_consent') {
      rest();
      on.consent();
    } else {
      await problem(now.error);
    }
  } else if (now.state && now.state !== 'open') {
    rest();
    on.over(now);
  } else if (isUsedUp(now)) {
    await settle('busy');
  } else if (tries === AGAIN_MS.length) {
    await problem(now.error ?? reason ?? (opened ? 'network' : 'blocked'));
  } else {
    await sleep(AGAIN_MS[tries]);
    if (mine !== turn) return;
    tries += 1;
    connect(sentence);
  }
}

// Lost in the middle: the server may have judged what it has, or count the attempt as ended. `otherwise` is the problem
// where it does neither for a while.
async function settle(otherwise) {
  rest();
  const mine = turn;
  message.say('judging', { sign: 'wait' });
  for (const end = performance.now() + SETTLE_MS; performance.now() < end;) {
    const now = await server.state();
    if (mine !== turn || on.over(now)) return;
    if (now.error && !['network', 'busy'].includes(now.error)) break;
    await sleep(SETTLE_EVERY_MS);
    if (mine !== turn) return;
  }
  await problem(otherwise);
}

/** Connects the buttons, once. `hooks` is what the page does where the capture ends. */
export function prepare(hooks) {
  on = hooks;
  guidance.prepare();
  at('camera-open').addEventListener('click', () => {
    path = document.querySelector('input[name="path"]:checked')?.value === 'fades' ? 'fades' : 'flashes';
    open();
  });
  at('to-fades').addEventListener('click', () => {
    path = 'fades';
    connect('live-to-fades-done');
    at('start').focus();
  });
  at('stop').addEventListener('click', () => problem('stopped'));
  // A page in the background gets no pictures to send.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && attempt && !at('live').hidden) problem('paused');
  });
  window.addEventListener('pagehide', rest);
  // A page that comes back from the browser's cache has lost camera and connection.
  window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
}
