// Whether this browser can do the check at all.

/** Null, or the problem: "insecure" or "unsupported". */
export function unable() {
  // Without https there is no mediaDevices either: say what is the matter, not what follows from it.
  if (!window.isSecureContext) return 'insecure';
  const all = typeof WebSocket === 'function'
    && typeof navigator.mediaDevices?.getUserMedia === 'function'
    && typeof HTMLCanvasElement.prototype.toBlob === 'function'
    && typeof AbortSignal.timeout === 'function';
  return all ? null : 'unsupported';
}

/** Whether the system asks for less motion. */
export const reducedMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Whether it is no device that is held in the hand: those are good at photographing documents. */
export const isDesk = () => !matchMedia('(pointer: coarse)').matches;
