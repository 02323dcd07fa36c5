// The question before everything else.

import * as server from './server.js';
import { at, show, tell, warn } from './view.js';
import { text } from './texts.js';

/**
 * Asks. Calls `agreed`, `declined`, or `problem` with a code where the server has nothing to agree to, and with the minutes
 * to wait where it says them.
 */
export function prepare({ agreed, declined, problem }) {
  let sending = false;
  at('agree').addEventListener('click', async () => {
    if (sending) return;
    sending = true;
    at('agree').setAttribute('aria-busy', 'true');
    at('consent-failed').hidden = true;
    tell('');
    const { error, minutes } = await server.consent();
    sending = false;
    at('agree').removeAttribute('aria-busy');
    if (error === null) {
      agreed();
    } else if (error === 'network' || error === 'technical') {
      at('consent-failed').hidden = false;
      warn(text('consent-failed'));
    } else {
      problem(error, minutes);
    }
  });
  at('decline').addEventListener('click', declined);
}

/** Shows the question. */
export const ask = () => show('consent');
