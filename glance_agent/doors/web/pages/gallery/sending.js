// A picture to search by: chosen, photographed or dropped; sent small, and kept by nobody.
import { go } from "./address.js";
import { sendPicture } from "./api.js";
import { h } from "./dom.js";
import { mayReact } from "./reactions.js";
import { T } from "./texts.js";
import { hush, say, sayRefused } from "./toast.js";

const LONGEST = 1024; // pixels: more than any model looks at
let seen = { picture: "", address: "" };
let latest = null;

/** What shows the picture that was sent under this name, while this page is open. */
export const preview = (picture) => (seen.picture === picture ? seen.address : null);

/** The way to choose one; none for whoever may only look. */
export function chooser() {
  if (!mayReact()) return null;
  const file = h("input", { type: "file", accept: "image/*", id: "picture", className: "unseen" });
  file.addEventListener("change", () => {
    if (file.files[0]) send(file.files[0]);
    file.value = "";
  });
  return h("label", { className: "button", title: T.byPictureHint }, file, T.byPicture);
}

/** A picture that is dropped anywhere on the page is searched by. */
export function hearDrops() {
  if (!mayReact()) return;
  addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    const [file] = event.dataTransfer.files;
    if (!file) return;
    event.preventDefault();
    send(file);
  });
}

async function send(file) {
  latest = file;
  say(T.lookingAtIt);
  try {
    const small = await reduced(file);
    const { picture } = await sendPicture(small);
    if (file !== latest) return; // another one was chosen meanwhile
    URL.revokeObjectURL(seen.address);
    seen = { picture, address: URL.createObjectURL(small) };
    hush();
    go({ view: "works", list: "all", q: "", like: "", work: "", picture });
  } catch (error) {
    if (file === latest) sayRefused(error);
  }
}

/** The same picture with no more pixels than are looked at, and without where it was taken; as it
 * is where this browser cannot read it. */
async function reduced(file) {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return file;
  const by = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const canvas = h("canvas", { width: Math.ceil(bitmap.width * by), height: Math.ceil(bitmap.height * by) });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // behind what is transparent
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((done) => canvas.toBlob((blob) => done(blob ?? file), "image/jpeg", 0.9));
}
