// A classic script, so that it runs before the first paint: a page must not flash in the wrong colours.
const kept = localStorage.getItem("speakmate.theme");
if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
