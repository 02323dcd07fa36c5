// The page of a session: consent, the sides of the document, the live capture, the wait for the result. On a desk a phone
// may go on with it. The page shows and sends; whatever counts is decided by the server.

import * as camera from './camera.js';
import * as consent from './consent.js';
import * as documents from './document.js';
import * as live from './live.js';
import * as message from './message.js';
import * as phone from './phone.js';
import * as server from './server.js';
import { isDesk, unable } from './support.js';
import { page, text } from './texts.js';
import { at, fill } from './view.js';

// What comes next, as the server says.
function next(now) {
  phone.stop();
  if (now.error) {
    trouble(now.error, now.minutes);
    return;
  }
  const [first] = now.missing ?? [];
  step(now.state === 'open' && !now.elsewhere ? now : {});
  if (now.state === 'done') message.passed(now.return_url, page.place === 'second' ? 'finished-phone' : 'finished');
  else if (now.state === 'failed') message.say('failed', { returnUrl: now.return_url });
  else if (now.state === 'expired') message.say('late', { returnUrl: now.return_url });
  else if (now.elsewhere) elsewhere();
  else if (now.state === 'processing') checking();
  else if (!now.started) begin();
  else if (first === 'selfie') live.ask();
  else documents.ask(first);
}

const go = async () => next(await server.state());

// Nobody was asked, or the server could not be.
function trouble(code, minutes) {
  step({});
  live.problem(code, go, minutes);
}

function step({ step: number, steps: total }) {
  fill(at('step'), number ? text('challenge-step', { number, total }) : null);
}

function begin() {
  step({});
  if (page.place === 'first' && isDesk()) phone.ask(next);
  else consent.ask();
}

function elsewhere() {
  message.say('elsewhere', { sign: 'wait' });
  phone.until(({ state }) => ['done', 'failed', 'expired'].includes(state), next);
}

function checking() {
  camera.close();
  message.say('checking', { sign: 'wait' });
  phone.until(({ state }) => state && state !== 'processing', (now) => {
    if (now.state === 'open') message.say('recapture', { onAgain: () => next(now), againText: 'page-continue' });
    else next(now);
  });
}

// The live capture goes on as long as the selfie is missing.
function over(now) {
  if (!now.state || (now.state === 'open' && !now.elsewhere && now.missing.includes('selfie'))) return false;
  next(now);
  return true;
}

async function declined() {
  live.rest();
  const shown = { onAgain: consent.ask, againText: 'declined-back' };
  message.say('declined', shown);
  const { return_url: returnUrl } = await server.state();
  if (message.current() === 'declined' && !at('message').hidden && returnUrl) message.say('declined', { ...shown, returnUrl });
}

function start() {
  message.prepare();
  phone.prepare({ here: consent.ask });
  // Over is what was asked for, not always all of it: the state says what comes next.
  const problem = (code, minutes) => (code === 'over' ? go() : trouble(code, minutes));
  consent.prepare({ agreed: go, declined, problem });
  documents.prepare({ taken: go, problem });
  live.prepare({
    over,
    judged: (_, now) => next(now),
    lost: ({ return_url: returnUrl }) => message.say('failed', { returnUrl }),
    consent: consent.ask,
  });
  const unfit = unable();
  if (unfit) live.problem(unfit);
  else if (page.consented || page.place === 'left') go();
  else begin();
}

start();
