// On a desk: a code with which a phone goes on, and what the page shows while it does.

import * as server from './server.js';
import { at, fill, show } from './view.js';
import { text } from './texts.js';

const EVERY_MS = 2_500;

let turn = 0;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Connects the button, once. `here()` is called where the person goes on in this browser. */
export function prepare({ here }) {
  at('here').addEventListener('click', () => {
    stop();
    here();
  });
}

/** What another try in this browser does not mend. */
const FINAL = ['unknown', 'other_browser', 'no_cookie'];

/** Shows the code. `gone(now)` is called when the check goes on at a phone, or is over. */
export async function ask(gone) {
  stop();
  const mine = turn;
  show('phone');
  fill(at('phone-note'), null);
  const link = await server.handOver();
  if (mine !== turn) return;
  if (FINAL.includes(link.error) || link.error === 'throttled') {
    gone(link);
    return;
  }
  if (link.error) {
    fill(at('phone-note'), text('phone-failed'));
    return;
  }
  at('qr').src = link.qr;
  at('qr').hidden = false;
  at('phone-link').textContent = link.url;
  at('phone-link').href = link.url;
  await until((now) => now.elsewhere || (now.state && now.state !== 'open'), gone);
}

/** Asks for the state again and again, until `is` is true of it: then `found(now)` is called. */
export async function until(is, found) {
  stop();
  const mine = turn;
  for (;;) {
    const now = await server.state();
    if (mine !== turn) return;
    // A network that comes and goes is waited for.
    if (is(now) || FINAL.includes(now.error)) {
      found(now);
      return;
    }
    await sleep(EVERY_MS);
    if (mine !== turn) return;
  }
}

/** Asks no more. */
export function stop() {
  turn += 1;
}
