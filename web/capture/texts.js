// What the server hands over as data: the texts in the page's language, and what the page is about.

const read = (id) => JSON.parse(document.getElementById(id).textContent);

const texts = read('texts');

/** `{base, title, language, text, tenant, consented, demo, kept_days}`, and what else the page's own template says. */
export const page = read('page');

/**
 * The text `id` with its placeables filled in. Values are isolated, so that a Latin name does not disorder an Arabic
 * sentence.
 */
export function text(id, values = {}) {
  const all = { tenant: page.tenant, ...values };
  return (texts[id] ?? id).replace(/\{\s*\$(\w+)\s*\}/g, (whole, name) =>
    name in all ? `\u2068${all[name]}\u2069` : whole);
}

/** Whether there is a text `id`. */
export const has = (id) => Object.hasOwn(texts, id);
