// Elements from data. Text is always text: nothing here reads markup.

/** An element with properties, attributes (with a dash or `role`), `on…` listeners and children. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export function button(text, onclick, properties = {}) {
  return h("button", { type: "button", onclick, ...properties }, text);
}

export const byId = (id) => document.getElementById(id);

/** `run` once nothing has called for so long; `now` runs what waits at once. */
export function settled(run, milliseconds) {
  let timer = 0;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(run, milliseconds, ...values);
  };
  later.now = (...values) => {
    clearTimeout(timer);
    run(...values);
  };
  return later;
}
