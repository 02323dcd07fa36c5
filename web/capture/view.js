// Which step is on the screen, and what a screen reader is told.

import { page } from './texts.js';

/** The element `id`. */
export const at = (id) => document.getElementById(id);

/** Shows the section `id` and no other, and moves the focus to its heading. */
export function show(id) {
  for (const section of document.querySelectorAll('main > section')) section.hidden = section.id !== id;
  // Another language would load the page again, in the middle of the check.
  at('language').hidden = !['loading', 'phone', 'consent'].includes(id);
  const heading = at(id).querySelector('h1');
  document.title = `${heading.textContent} - ${page.title}`;
  heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

/** Fills `element`, and hides it where there is nothing to fill in. */
export function fill(element, content) {
  element.textContent = content ?? '';
  element.hidden = !content;
}

/** Tells a screen reader when it has time. */
export function tell(content) {
  at('urgent').textContent = '';
  at('polite').textContent = content;
}

/** Tells a screen reader now: something went wrong. */
export function warn(content) {
  at('polite').textContent = '';
  at('urgent').textContent = content;
}
