// Moments of a recording, one at a time.

import { api } from "../api.js";

let playing = null;

/**
 * Play the stretch of a session's recording from `startMs` to `endMs`; `url` is `sessions/{id}/audio`. Whatever was
 * playing stops. Resolves when it has ended or was stopped; throws Problem when it cannot be had.
 */
export async function playMoment(url, startMs, endMs) {
  stopMoment();
  const mine = (playing = { stop: null });
  const sound = await api.blob(
    `${url}?start_ms=${Math.max(0, Math.floor(startMs))}&end_ms=${Math.ceil(endMs)}`,
  );
  if (playing === mine) await playBlob(sound, mine);
}

/** Play a recording that is at hand. */
export async function playRecording(blob) {
  stopMoment();
  await playBlob(blob, (playing = { stop: null }));
}

function playBlob(blob, mine) {
  const address = URL.createObjectURL(blob);
  const audio = new Audio(address);
  return new Promise((resolve, reject) => {
    const over = () => {
      URL.revokeObjectURL(address);
      if (playing === mine) playing = null;
      resolve();
    };
    mine.stop = () => {
      audio.pause();
      over();
    };
    audio.addEventListener("ended", over);
    audio.addEventListener("error", () => reject(new Error("This sound cannot be played.")));
    audio.play().catch(reject);
  });
}

/** Be quiet. */
export function stopMoment() {
  playing?.stop?.();
  playing = null;
}
