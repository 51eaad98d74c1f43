// What has happened in an exam so far, told from the server's events. Pure.

const PART_OF_PHASE = { p1: 1, p2: 2, p3: 3 };

/** An exam of which nothing is known yet. */
export function newStory() {
  return {
    phase: null,
    part: null,
    limitMs: null,
    card: null,
    turn: null, // the server's turn.state
    question: null, // {text, id}: what the learner was asked last
    speaking: null, // the examiner's line that was said last
    lines: [], // {id, who: "examiner" | "learner", text, open}
    feedback: null, // practice: what the last answer was like
    warning: null, // the code of what went wrong with the present line or answer
    summary: false,
  };
}

/** Take an event; return whether it changed anything that is seen. */
export function tell(story, event) {
  switch (event.type) {
    case "exam.phase":
      story.phase = event.phase;
      story.part = event.part ?? PART_OF_PHASE[event.phase.slice(0, 2)] ?? null;
      story.limitMs = event.limit_ms ?? null;
      if (event.card) story.card = event.card;
      else if (!event.phase.startsWith("p2")) story.card = null;
      if (event.phase !== "review") story.feedback = story.warning = null;
      return true;
    case "turn.state":
      story.turn = event.state;
      return true;
    case "ai.reply":
      story.speaking = event.text;
      story.warning = null;
      if (event.expects_answer && event.kind !== "card")
        story.question = { text: event.text, id: event.question_id };
      put(story, event.turn_id ?? event.utterance_id, "examiner", event.text);
      return true;
    case "stt.partial":
      hear(story, event, true);
      return true;
    case "stt.final":
      hear(story, event, false);
      return true;
    case "turn.feedback":
      story.feedback = event;
      return true;
    case "warning":
      story.warning = event.code;
      return true;
    case "session.resumed":
      resume(story, event);
      return true;
    case "session.summary_ready":
      story.summary = true;
      return true;
    default:
      return false;
  }
}

function put(story, id, who, text) {
  const known = story.lines.find((line) => line.id === id);
  if (known) known.text = text;
  else story.lines.push({ id, who, text, open: false, pieces: new Map() });
}

/** A learner's turn has several utterances; a later revision of one takes the place of an earlier. */
function hear(story, event, open) {
  const id = event.turn_id ?? event.utterance_id;
  put(story, id, "learner", "");
  const line = story.lines.find((one) => one.id === id);
  const known = line.pieces.get(event.utterance_id);
  if (!open || !known || (known.open && known.revision < event.revision)) {
    line.pieces.set(event.utterance_id, { text: event.text, open, revision: event.revision ?? 0 });
  }
  const pieces = [...line.pieces.values()];
  line.text = pieces.map((piece) => piece.text).join(" ");
  line.open = pieces.some((piece) => piece.open);
}

function resume(story, event) {
  story.phase = event.phase;
  if (event.phase_remaining_ms !== undefined) story.limitMs = event.phase_remaining_ms;
  const told = event.snapshot;
  if (!told) return;
  story.part = told.part ?? story.part;
  story.card = told.card ?? null;
  story.question = told.question ? { text: told.question, id: null } : null;
  story.lines = told.turns.map((turn) => ({
    id: turn.turn_id,
    who: turn.speaker,
    text: turn.text,
    open: false,
    pieces: new Map(),
  }));
  story.summary = Boolean(told.summary);
}
