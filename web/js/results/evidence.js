// What speaks for a criterion and what holds it back, chosen from its ledger.

const MAX_FEATURES = 3;
const MAX_QUOTES = 3;

/** Whether a feature speaks for the learner (true), against (false), or says nothing (null). */
export function helps({ polarity, state }) {
  if (polarity === "positive") return { met: true, partly: false }[state] ?? null;
  return state === "met" || state === "partly" ? false : null;
}

/**
 * Return up to three features on one side that have quotes, `{feature, quotes}`; the ledger is in order of weight.
 * No quote is shown for two of them.
 */
export function decisive(features, helping) {
  const shown = new Set();
  const chosen = [];
  for (const feature of features) {
    if (chosen.length === MAX_FEATURES) break;
    if (helps(feature) !== helping) continue;
    const quotes = [];
    for (const place of feature.evidence) {
      if (quotes.length < MAX_QUOTES && place.quote && !shown.has(place.quote)) {
        shown.add(place.quote);
        quotes.push(place);
      }
    }
    if (quotes.length > 0) chosen.push({ feature, quotes });
  }
  return chosen;
}
