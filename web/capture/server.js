// Requests about this verification. Addresses are relative to the page's own, so that a prefix before it stays.

import { page, text } from './texts.js';

const PATIENCE_MS = 10_000;

/** The address of `what` ("state", "consent", "scan") of this verification. */
export const address = (what) => new URL(`verify/${encodeURIComponent(page.id)}/${what}`, location.href);

async function ask(what, options) {
  try {
    return await fetch(address(what), {
      credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS), ...options,
    });
  } catch {
    return null;
  }
}

/** Stores the consent receipt. Returns null when done, else an error's code, "network" where no answer came. */
export async function consent() {
  const answer = await ask('consent', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      language: page.language,
      text: text('consent-version'),
      kept_days: page.kept_days,
    }),
  });
  if (answer?.ok) return null;
  return answer ? (await body(answer)).error ?? 'technical' : 'network';
}

/** `{state, attempts_left, return_url}`, or `{error}`: a code of the server's, or "network". */
export async function state() {
  const answer = await ask('state');
  if (!answer) return { error: 'network' };
  const found = await body(answer);
  return answer.ok && found.state ? found : { error: found.error ?? 'technical' };
}

async function body(answer) {
  try {
    return (await answer.json()) ?? {};
  } catch {
    return {};
  }
}
