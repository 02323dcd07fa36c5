// The steps of the challenge on the screen.

import { has, text } from './texts.js';
import { at, tell } from './view.js';

let current = null;

/** From placing the face to the challenge: the buttons go, the heading changes. */
export function enter() {
  reset();
  phase('waiting');
  at('placing').hidden = true;
  at('stop').hidden = false;
  const title = at('live-title');
  title.textContent = text('challenge-title');
  title.focus({ preventScroll: true });
  window.scrollTo(0, 0);
  at('say').textContent = text('challenge-text');
}

/** Back to placing the face. */
export function leave() {
  reset();
  phase('placing');
  at('placing').hidden = false;
  at('stop').hidden = true;
  at('count').hidden = true;
  at('live-title').textContent = text('live-title');
}

/**
 * Shows `step`, and resolves with the time (ms of the page's clock) from which on the screen shows it; with null where
 * another step came first.
 */
export async function paint(step) {
  current = step.nonce;
  at('count').hidden = false;
  at('count').textContent = text('challenge-step', { number: step.number, total: step.of });
  if (step.kind === 'colour') {
    // A colour goes as it came, so that the way stays for a movement that follows.
    at('live').style.transition = step.fade_ms ? `background-color ${Number(step.fade_ms)}ms linear` : '';
    phase('colour');
    at('live').style.backgroundColor = `rgb(${step.srgb.map(Number).join(' ')})`;
    sentence('challenge-colour');
  } else {
    phase('move');
    at('arrow').setAttribute('data-movement', step.movement);
    sentence(has(`move-${step.movement}`) ? `move-${step.movement}` : 'challenge-text');
  }
  // The first callback runs before the change is painted, the second after it.
  await frame();
  const since = await frame();
  return current === step.nonce ? since : null;
}

/** A movement was seen. */
export function moved(message) {
  if (message.nonce !== current) return;
  at('arrow').setAttribute('data-movement', 'seen');
  sentence('challenge-moved');
}

function reset() {
  current = null;
  at('live').style.transition = '';
}

function phase(name) {
  const live = at('live');
  live.dataset.phase = name;
  live.style.backgroundColor = '';
  at('ask').hidden = name !== 'move';
  // On a phone, the bar above the page would keep its own colour.
  document.documentElement.classList.toggle('challenge', name !== 'placing');
}

function sentence(id) {
  const words = text(id);
  if (at('say').textContent === words) return;
  at('say').textContent = words;
  tell(words);
}

const frame = () => new Promise((done) => requestAnimationFrame(done));
