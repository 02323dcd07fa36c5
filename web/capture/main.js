// The page of a liveness check: consent, live capture, end.

import * as consent from './consent.js';
import * as live from './live.js';
import * as message from './message.js';
import * as server from './server.js';
import { unable } from './support.js';
import { page } from './texts.js';
import { at } from './view.js';

// Final states have their own screens; an open verification returns false.
function over({ state, return_url: returnUrl }) {
  if (state === 'passed') message.passed(returnUrl);
  else if (state === 'failed') message.say('failed', { returnUrl });
  else if (state === 'expired') message.say('expired', { returnUrl });
  else return false;
  return true;
}

function judged({ outcome, reasons }, { return_url: returnUrl }) {
  if (outcome === 'passed') message.passed(returnUrl);
  else message.say('failed', { reasons, returnUrl });
}

async function declined() {
  live.rest();
  const shown = { onAgain: consent.ask, againText: 'declined-back' };
  message.say('declined', shown);
  const { return_url: returnUrl } = await server.state();
  const stillThere = !at('message').hidden && message.current() === 'declined';
  if (stillThere && returnUrl) message.say('declined', { ...shown, returnUrl });
}

function start() {
  message.prepare();
  consent.prepare({ agreed: live.ask, declined, problem: (code, minutes) => live.problem(code, consent.ask, minutes) });
  live.prepare({ over, judged, lost: ({ return_url: returnUrl }) => message.say('failed', { returnUrl }), consent: consent.ask });
  const unfit = unable();
  if (unfit) live.problem(unfit);
  else if (page.consented) live.ask();
  else consent.ask();
}

start();
