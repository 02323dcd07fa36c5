// Placing the face: the sentence for the server's guidance, the start button, and the countdown that presses it.

import { has, text } from './texts.js';
import { at, tell } from './view.js';

/** A sentence stays at least this long, or it could not be read. */
const STAYS_MS = 700;
/** A screen reader is told at most this often. */
const TOLD_MS = 2_500;
const COUNTDOWN_S = 2;

let begin = () => {};
let ready = false;
let held = false;
let word = null;
let wordSince = 0;
let told = null;
let toldAt = 0;
let timer = 0;

/** Connects the buttons, once. */
export function prepare() {
  at('start').addEventListener('click', () => (ready ? start() : tell(at('say').textContent)));
  at('hold').addEventListener('click', () => {
    held = true;
    at('hold').hidden = true;
    stopCounting();
    at('start').focus();
  });
}

/** Begins to guide. `onBegin` is called once, when the person is set. */
export function guide(onBegin) {
  begin = onBegin;
  word = null;
  told = null;
  at('hold').hidden = held;
  setReady(false);
}

/** Another sentence in the place of guidance, such as that the page connects. */
export function instead(sentence) {
  word = null;
  setReady(false);
  at('say').textContent = sentence;
  tell(sentence);
}

/** Takes what the server has seen. */
export function seen(message) {
  const now = performance.now();
  // Nobody is told to start whom the button would not let.
  const say = message.say === 'good' && !message.ready ? 'hold_still' : message.say;
  if (has(`guide-${say}`) && say !== word && (word === null || now - wordSince >= STAYS_MS)) {
    word = say;
    wordSince = now;
    at('say').textContent = text(`guide-${word}`);
  }
  if (word !== null && word !== told && now - toldAt >= TOLD_MS) {
    told = word;
    toldAt = now;
    tell(text(`guide-${word}`));
  }
  if (message.ready !== ready) setReady(message.ready === true);
}

/** Stops guiding. */
export function rest() {
  begin = () => {};
  setReady(false);
}

function setReady(now) {
  ready = now;
  at('start').setAttribute('aria-disabled', String(!ready));
  at('live').classList.toggle('ready', ready);
  stopCounting();
  if (ready && !held) count(COUNTDOWN_S);
}

function count(left) {
  if (left === 0) {
    start();
    return;
  }
  const sentence = text('live-countdown', { seconds: left });
  at('countdown').textContent = sentence;
  if (left === COUNTDOWN_S) tell(sentence);
  timer = setTimeout(() => count(left - 1), 1000);
}

function stopCounting() {
  clearTimeout(timer);
  at('countdown').textContent = '';
}

function start() {
  const go = begin;
  rest();
  go();
}
