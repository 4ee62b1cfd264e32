// What is known of a work, as a museum would write it beside the picture.
import { h } from "./dom.js";
import { T } from "./texts.js";

/** Who made it and when; the day of what nobody has named stands in its title. */
export function byline({ title, artist, dated }) {
  const when = dated && title?.endsWith(dated) ? null : dated;
  return [artist, when].filter(Boolean).join(", ");
}

/** The facts that there are. */
export function facts(work) {
  const rows = [
    [T.medium, work.medium],
    [T.credit, work.credit],
    [T.licence, work.licence],
    [T.source, work.source],
    [T.size, work.width && work.height ? `${work.width} × ${work.height}` : null],
    [T.file, work.cut ? T.cut : null],
    [T.tags, work.tags?.join(", ")],
    [T.colours, work.colours?.length ? swatches(work.colours) : null],
  ];
  return [
    work.description ? h("p", { className: "description" }, work.description) : null,
    h("dl", {}, ...rows.filter(([, value]) => value).flatMap(row)),
    museum(work.page_url),
    weighed(work),
  ];
}

const row = ([name, value]) => [h("dt", {}, name), h("dd", {}, value)];

function swatches(colours) {
  return h("ul", { className: "swatches" }, ...colours.slice(0, 6).map(swatch));
}

function swatch(colour) {
  const one = h("li", { title: colour }, h("span", { className: "unseen" }, colour));
  one.style.backgroundColor = colour;
  return one;
}

/** A link to the museum; an address of any other kind is no link. */
function museum(address) {
  if (!/^https?:\/\//i.test(address ?? "")) return null;
  const link = h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, T.museum);
  return h("p", {}, link);
}

/** Why it was chosen or found, and the parts of its score for the curious. */
function weighed({ why, parts, hangs }) {
  const reason = why ?? hangs?.[0]?.why;
  const shown = Object.entries(parts ?? {}).filter(([, value]) => Math.abs(value) >= 0.005);
  if (!reason && !shown.length) return null;
  const said = shown.map(([name, value]) => [T.part(name), T.figure(name, value)]);
  const table = said.filter(([, figure]) => figure).flatMap(row);
  return h(
    "details",
    { open: Boolean(reason) },
    h("summary", {}, T.why),
    reason ? h("p", {}, reason) : null,
    table.length ? h("dl", { "aria-label": T.parts }, ...table) : null,
  );
}
