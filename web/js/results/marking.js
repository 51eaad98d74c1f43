// Where findings stand in an answer. Python counts characters by code points, JavaScript by UTF-16 units.

/**
 * Cut `text` into segments `{text, findings}` in order; `findings` is empty for plain text. Findings that overlap
 * share a segment, in order of their place. Places outside the text are left out.
 */
export function segments(text, findings) {
  const points = [...text];
  const found = [];
  let at = 0;
  for (const group of groups(findings, points.length)) {
    if (group.start > at) found.push({ text: points.slice(at, group.start).join(""), findings: [] });
    found.push({ text: points.slice(group.start, group.end).join(""), findings: group.findings });
    at = group.end;
  }
  if (at < points.length) found.push({ text: points.slice(at).join(""), findings: [] });
  return found;
}

function groups(findings, length) {
  const placed = findings
    .filter((one) => one.char_start < one.char_end && one.char_end <= length)
    .sort((a, b) => a.char_start - b.char_start || a.char_end - b.char_end);
  const merged = [];
  for (const one of placed) {
    const last = merged.at(-1);
    if (last && one.char_start < last.end) {
      last.end = Math.max(last.end, one.char_end);
      last.findings.push(one);
    } else {
      merged.push({ start: one.char_start, end: one.char_end, findings: [one] });
    }
  }
  return merged;
}

const SEVERITY = { high: 3, medium: 2, low: 1 };

/** One finding a rule, the weightiest first, with how often the rule was broken: `{finding, times}`. */
export function mostUseful(findings) {
  const weight = (one) => SEVERITY[one.severity] * one.confidence;
  const byRule = new Map();
  for (const one of findings) {
    const known = byRule.get(one.rule_id);
    if (!known) byRule.set(one.rule_id, { finding: one, times: 1 });
    else {
      known.times += 1;
      if (weight(one) > weight(known.finding)) known.finding = one;
    }
  }
  return [...byRule.values()].sort((a, b) => b.times * weight(b.finding) - a.times * weight(a.finding));
}
