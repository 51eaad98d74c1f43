// A recording that is at hand, one at a time.

let stop = null;

/** Play a recording; whatever was playing stops. Throws when it cannot be played. */
export async function playRecording(blob) {
  stopRecording();
  const address = URL.createObjectURL(blob);
  const audio = new Audio(address);
  const over = () => {
    URL.revokeObjectURL(address);
    if (stop === silence) stop = null;
  };
  const silence = () => {
    audio.pause();
    over();
  };
  stop = silence;
  audio.addEventListener("ended", over);
  await audio.play();
}

/** Be quiet. */
export function stopRecording() {
  stop?.();
}
