// What the learner has chosen to practise, on its way from the first screen to the session.

const KEEP = "speakmate.choice";
export const MODES = ["quick", "full", "part1", "part2", "part3", "practice"];

export function keepChoice(choice) {
  sessionStorage.setItem(KEEP, JSON.stringify(choice));
}

/** The body for POST /sessions. */
export function keptChoice() {
  try {
    const choice = JSON.parse(sessionStorage.getItem(KEEP));
    if (MODES.includes(choice?.mode)) return choice;
  } catch {
    // a value of an earlier version
  }
  return { mode: "quick" };
}
