// Elements without markup in strings: what a user wrote is always a text node.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element. `attributes`: `on…` are listeners, `class` and the rest attributes, `style` an object of CSS
 * properties, `dataset` an object; true sets an empty attribute, false and null leave it out. Children are nodes,
 * strings, numbers, lists of them, or nothing.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) set(element, name, value);
  element.append(...nodes(children));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "style")
    for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
  else if (name === "dataset") Object.assign(element.dataset, value);
  else element.setAttribute(name, value === true ? "" : String(value));
}

function nodes(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));
}

/** Put `children` in the place of whatever `root` holds. */
export function replace(root, ...children) {
  root.replaceChildren(...nodes(children));
}

/** A decorative picture from the sprite; what it stands beside names the thing. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/web/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Make an SVG element, for charts and meters. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...nodes(children));
  return element;
}

const loaded = new Map();

/** Load a screen's own style sheet, `results` for /web/css/results.css, once. */
export function stylesheet(name) {
  if (!loaded.has(name)) {
    const link = h("link", { rel: "stylesheet", href: `/web/css/${name}.css` });
    loaded.set(
      name,
      new Promise((resolve) => {
        link.addEventListener("load", resolve);
        link.addEventListener("error", resolve); // an unstyled screen is better than none
      }),
    );
    document.head.append(link);
  }
  return loaded.get(name);
}
