// An answer as a line of speech and silence, from the times of its words.

/**
 * Return the answer's `runs` (speech) and `pauses` in milliseconds from its first word: `{lengthMs, runs:
 * [{startMs, endMs}], pauses: [{startMs, endMs, long}], wordsPerMinute}`; null without timed words. Gaps under
 * `pauseMs` belong to the speech, and from `longMs` a pause is long. The rate is null for less than two seconds.
 */
export function speechLine(words, { pauseMs, longMs }) {
  const timed = words.filter((word) => word.end_ms > word.start_ms);
  if (timed.length === 0) return null;
  const beginning = timed[0].start_ms;
  const runs = [];
  const pauses = [];
  for (const word of timed) {
    const startMs = word.start_ms - beginning;
    const endMs = word.end_ms - beginning;
    const last = runs.at(-1);
    const gap = last ? startMs - last.endMs : 0;
    if (last && gap < pauseMs) {
      last.endMs = Math.max(last.endMs, endMs);
    } else {
      if (last) pauses.push({ startMs: last.endMs, endMs: startMs, long: gap >= longMs });
      runs.push({ startMs, endMs });
    }
  }
  const lengthMs = runs.at(-1).endMs;
  const wordsPerMinute = lengthMs > 2_000 ? Math.round((timed.length * 60_000) / lengthMs) : null;
  return { lengthMs, runs, pauses, wordsPerMinute };
}
