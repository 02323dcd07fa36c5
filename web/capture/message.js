// Every screen that only says something: the end, what went wrong, the way on.

import { has, text } from './texts.js';
import { at, fill, show, tell, warn } from './view.js';

const RETURN_S = 3;
const MOST_REASONS = 3;

/** Families of reasons, for codes that have no sentence of their own. The first that fits counts. */
const FAMILIES = [
  [/presentation|liveness/, 'presentation'],
  [/colour/, 'colour'],
  [/movement|depth|flat|head/, 'movement'],
  [/lost|few|person/, 'continuity'],
  [/frames|camera/, 'freshness'],
  [/light|exposure/, 'bad_exposure'],
];

/** Schemes that run something, or open files. The server refuses them too. */
const RUNS = ['javascript:', 'data:', 'vbscript:', 'file:', 'blob:'];

let again = () => {};
let counting = 0;

/** Which message is on the screen, or was last. */
export const current = () => at('message').dataset.message;

/** Connects the buttons, once. */
export function prepare() {
  at('again').addEventListener('click', () => again());
  at('stay').addEventListener('click', () => {
    clearTimeout(counting);
    at('stay').hidden = true;
    at('message-soon').hidden = true;
    at('return').focus();
  });
}

/**
 * Shows a message. `id` has the texts `ID-title`, `ID-text` and `ID-way`. `onAgain` makes a button with `againText`;
 * `returnUrl` a link; `urgent` tells a screen reader at once.
 */
export function say(id, { sign = 'note', reasons = [], left = null, minutes = null, onAgain = null, againText = 'page-again',
  returnUrl = null, urgent = false } = {}) {
  clearTimeout(counting);
  at('message').dataset.message = id;
  at('message').dataset.sign = sign;
  at('message-title').textContent = text(`${id}-title`);
  const sentence = has(`${id}-text`) ? text(`${id}-text`) : null;
  fill(at('message-text'), sentence);
  fill(at('message-way'), has(`${id}-way`) ? text(`${id}-way`) : null);
  const counted = left === null ? null : text('live-left', { left });
  fill(at('message-left'), minutes ? text('page-wait', { minutes }) : counted);
  at('message-soon').hidden = true;
  at('stay').hidden = true;

  const list = at('message-reasons');
  list.replaceChildren(...sentences(reasons).map((words) => {
    const item = document.createElement('li');
    item.textContent = words;
    return item;
  }));
  list.hidden = reasons.length === 0;

  again = onAgain ?? (() => {});
  fill(at('again'), onAgain ? text(againText) : null);
  at('again').classList.toggle('primary', onAgain !== null);
  const target = safe(returnUrl);
  fill(at('return'), target ? text('page-return') : null);
  if (target) at('return').href = target;
  else at('return').removeAttribute('href');
  at('return').classList.toggle('primary', !onAgain);

  show('message');
  // The heading is read because it has the focus.
  if (urgent && sentence) warn(sentence);
  else tell(sentence ?? '');
}

/** Says by `id` that all is done, and goes back by itself where there is a way back. */
export function passed(returnUrl, id = 'passed') {
  say(id, { sign: 'yes', returnUrl });
  const target = safe(returnUrl);
  if (!target) {
    if (!has(`${id}-way`)) fill(at('message-way'), text('page-close'));
    return;
  }
  fill(at('message-way'), null);
  at('stay').hidden = false;
  tell(`${text(`${id}-text`)} ${text('page-return-soon', { seconds: RETURN_S })}`);
  count(RETURN_S, target);
}

function count(left, target) {
  if (left === 0) {
    location.assign(target);
    return;
  }
  fill(at('message-soon'), text('page-return-soon', { seconds: left }));
  counting = setTimeout(() => count(left - 1, target), 1000);
}

function safe(url) {
  if (!url) return null;
  try {
    const parsed = new URL(url);
    return RUNS.includes(parsed.protocol) ? null : parsed.href;
  } catch {
    return null;
  }
}

/** The sentences of reason codes, each once. */
function sentences(codes) {
  const ids = codes.map((code) => {
    const name = String(code).replace(/^(selfie|reference|capture|frame)_/, '');
    for (const group of ['reason', 'feedback']) if (has(`${group}-${name}`)) return `${group}-${name}`;
    const family = FAMILIES.find(([pattern]) => pattern.test(name));
    return `reason-${family ? family[1] : 'other'}`;
  });
  return [...new Set(ids)].slice(0, MOST_REASONS).map((id) => text(id));
}
