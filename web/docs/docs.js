// Calls that are sent from the page to the server that it came from. What an answer tells is filled into the other
// calls, so that a session can be followed.

const PATIENCE_MS = 10_000;
const TOLD_HEADERS = /^(x-ratelimit-|retry-after$)/;

const calls = document.querySelectorAll('form.call');
for (const form of calls) {
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send(form);
  });
}

/** Method, address and body as the form is filled in. What is empty is left out. */
function request(form) {
  let path = form.dataset.path;
  const body = {};
  for (const { name, type, value, checked, dataset } of form.querySelectorAll('input')) {
    if ('inPath' in dataset) path = path.replace(`{${name}}`, encodeURIComponent(value.trim()));
    else if (type === 'checkbox' && checked) body[name] = true;
    else if (type === 'text' && value.trim()) body[name] = value.trim();
  }
  const method = form.dataset.method;
  return { method, path, body: method === 'GET' ? null : JSON.stringify(body, null, 2) };
}

async function send(form) {
  const button = form.querySelector('button');
  if (button.ariaDisabled === 'true') return;
  const asked = request(form);
  const say = (text) => { form.querySelector('.said').textContent = text; };
  button.ariaDisabled = 'true';
  say('Sending');
  try {
    const answer = await fetch(asked.path, {
      method: asked.method,
      headers: asked.body === null ? {} : { 'content-type': 'application/json' },
      body: asked.body,
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    show(form, asked, answer, await answer.text(), say);
  } catch {
    say('No answer came. Try again.');
  } finally {
    button.ariaDisabled = null;
  }
}

function show(form, asked, answer, text, say) {
  const status = `${answer.status} ${answer.statusText}`.trim();
  const headers = [...answer.headers].filter(([name]) => TOLD_HEADERS.test(name));
  const found = parse(text);
  const got = [status, ...headers.map(([name, value]) => `${name}: ${value}`), '', found ? JSON.stringify(found, null, 2) : text];
  form.querySelector('.sent').textContent = [`${asked.method} ${asked.path}`, asked.body].filter(Boolean).join('\n\n');
  form.querySelector('.got').textContent = got.join('\n');
  form.querySelector('.answer').hidden = false;
  const filled = answer.ok && found ? fill(form, found) : [];
  say(filled.length ? `${status}. Filled into the other calls: ${filled.join(', ')}.` : `${status}.`);
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Fills members of `found` into the other forms. Returns the names of those that are new there. */
function fill(form, found) {
  const filled = new Set();
  for (const input of document.querySelectorAll('form.call input[data-takes]')) {
    const value = found[input.dataset.takes];
    if (input.form === form || typeof value !== 'string' || input.value === value) continue;
    input.value = value;
    filled.add(input.dataset.takes);
  }
  return [...filled];
}
