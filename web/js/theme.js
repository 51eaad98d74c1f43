// Light or dark: what the system says until the learner says otherwise.

const KEEP = "speakmate.theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

/** "light" or "dark", whichever is shown. */
export const shown = () => document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");

/** Show the other one from now on. */
export function toggle() {
  const next = shown() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem(KEEP, next);
  return next;
}
