// Requests about this verification. Addresses are relative to the page's own, so that a prefix before it stays.

import { page } from './texts.js';

const PATIENCE_MS = 10_000;
/** A picture of ten megabytes over a slow network, and a look at it. */
const PICTURE_MS = 90_000;

/** The address of `what` ("state", "consent", "scan") of this page. */
export const address = (what) => new URL(`${page.base}/${what}`, location.href);

async function ask(what, options) {
  try {
    return await fetch(address(what), {
      credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS), ...options,
    });
  } catch {
    return null;
  }
}

/**
 * Stores the consent receipt. `{error}`: null when done, else a code, "network" where no answer came; with `minutes` where
 * the server says how long to wait.
 */
export async function consent() {
  const answer = await ask('consent', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      language: page.language,
      text: page.text,
      kept_days: page.kept_days,
    }),
  });
  if (answer?.ok) return { error: null };
  return answer ? refused(answer) : { error: 'network' };
}

/** `{state, attempts_left, return_url}`, or `{error}`: a code of the server's, or "network". */
export async function state() {
  const answer = await ask('state');
  if (!answer) return { error: 'network' };
  const found = await body(answer);
  return answer.ok && found.state ? found : { error: found.error ?? 'technical' };
}

/** Sends a picture of `kind`: `{feedback, missing}`, or `{error}`. */
export async function picture(kind, jpeg) {
  const answer = await ask(`images/${kind}`, {
    method: 'POST', headers: { 'content-type': 'image/jpeg' }, body: jpeg, signal: AbortSignal.timeout(PICTURE_MS),
  });
  if (!answer) return { error: 'network' };
  const found = await body(answer);
  if (answer.ok && found.feedback) return found;
  // What is refused before its handler has another form.
  const codes = { 408: 'network', 413: 'too_large', 503: 'full' };
  return { error: typeof found.error === 'string' ? found.error : codes[answer.status] ?? 'technical' };
}

/** A link with which another device goes on: `{url, qr}`, or `{error}`. */
export async function handOver() {
  const answer = await ask('hand-over', { method: 'POST' });
  if (!answer) return { error: 'network' };
  if (!answer.ok) return refused(answer);
  const found = await body(answer);
  return found.url ? found : { error: 'technical' };
}

async function refused(answer) {
  const seconds = Number(answer.headers.get('retry-after'));
  return { error: (await body(answer)).error ?? 'technical', minutes: seconds > 0 ? Math.ceil(seconds / 60) : null };
}

async function body(answer) {
  try {
    return (await answer.json()) ?? {};
  } catch {
    return {};
  }
}
