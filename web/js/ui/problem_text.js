// What went wrong, in the learner's language where we have the words, else as the server says it.

import { has, t } from "../i18n.js";

export function problemText(problem) {
  const key = `common.problem.${problem.code}`;
  if (has(key)) return t(key);
  return problem.detail || t("common.problem.other");
}
