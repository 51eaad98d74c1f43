// A band with its range on the scale of 0 to 9, as a line. The numbers stand beside it in text.

import { svg } from "../dom.js";

const HIGHEST = 9;
const WIDTH = 180;
const HEIGHT = 16;
const NUMBERS = 9;
const EDGE = 6;

const x = (band) => EDGE + (band / HIGHEST) * (WIDTH - 2 * EDGE);

/**
 * `low` and `high` may be null (no range can be said), `band` too (there is a range and no band). With `numbered` the
 * bands stand below the line.
 */
export function bandScale({ band, low, high, numbered = false }) {
  const middle = HEIGHT / 2;
  return svg(
    "svg",
    { class: "scale", viewBox: `0 0 ${WIDTH} ${HEIGHT + (numbered ? NUMBERS : 0)}`, "aria-hidden": "true" },
    svg("line", { class: "scale-line", x1: x(0), y1: middle, x2: x(HIGHEST), y2: middle }),
    Array.from({ length: HIGHEST + 1 }, (_, n) =>
      svg("line", { class: "scale-line", x1: x(n), y1: middle - 3, x2: x(n), y2: middle + 3 }),
    ),
    low !== null && high !== null
      ? svg("line", { class: "scale-range", x1: x(low), y1: middle, x2: x(high), y2: middle })
      : null,
    band !== null ? svg("circle", { class: "scale-band", cx: x(band), cy: middle, r: 5 }) : null,
    numbered
      ? Array.from({ length: HIGHEST + 1 }, (_, n) =>
          svg(
            "text",
            { class: "scale-number", x: x(n), y: HEIGHT + NUMBERS - 2, "text-anchor": "middle" },
            n,
          ),
        )
      : null,
  );
}
