// A drawing pad with its answer beside it: one module for both doors. At the end anywidget (notebook) and
// Streamlit (web page) each wrap it once. It holds no opinion on digits: strokes or a picture go out,
// and what comes back from `digitlib.doors.pad` is shown.

const STYLE = `
.pad { --ink: var(--st-text-color, var(--jp-ui-font-color1, CanvasText));
  --faint: var(--st-border-color, var(--jp-border-color1, #9c9ca1)); --ground: var(--st-secondary-background-color,
  var(--jp-layout-color2, transparent)); --blue: #5790fc; --red: #e42536; color: var(--ink); display: flex;
  flex-wrap: wrap; gap: 16px; align-items: flex-start; 
  font: 14px/1.4 var(--st-font, var(--jp-ui-font-family, system-ui)), sans-serif; padding: 4px; }
.pad * { box-sizing: border-box; margin: 0; }
.pad .left { flex: 1 1 320px; min-width: 0; max-width: 560px; }
.pad .right { flex: 1 1 260px; min-width: 0; max-width: 560px; }
.pad .stage { position: relative; border: 1px solid var(--faint); border-radius: 10px; overflow: hidden;
  background: #fdfcf8; }
.pad .stage canvas, .pad .stage img { display: block; width: 100%; }
.pad .stage canvas { aspect-ratio: 2; }
.pad .stage canvas { touch-action: none; cursor: crosshair; outline: none; }
.pad .stage:has(.keyed) { outline: 3px solid var(--blue); outline-offset: 2px; }
.pad :is(button, input):focus-visible { outline: 3px solid var(--blue); }
.pad .stage img { position: absolute; inset: 0; height: 100%; object-fit: contain; background: #fdfcf8;
  pointer-events: none; }
.pad.fixed .stage img { position: static; height: auto; max-height: 420px; }
.pad [hidden] { display: none !important; }
.pad svg { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none; }
.pad rect { fill: none; stroke: #2f6fe4; stroke-width: 2; vector-effect: non-scaling-stroke; }
.pad rect.refused { stroke: var(--red); stroke-dasharray: 6 4; }
.pad .hint { position: absolute; inset: 0; display: grid; place-items: center; text-align: center; color: #6b6b70;
  pointer-events: none; padding: 12px; }
.pad .tools { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-top: 8px; }
.pad button { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--faint);
  border-radius: 8px; min-height: 36px; padding: 4px 14px; cursor: pointer; }
.pad button:hover { border-color: var(--blue); }
.pad label { display: flex; gap: 6px; align-items: center; margin-left: auto; }
.pad input[type=range] { width: 96px; accent-color: #2f6fe4; }
.pad .said { display: flex; gap: 12px; align-items: baseline; flex-wrap: wrap; min-height: 52px; }
.pad .text { font-size: 38px; line-height: 1.2; font-weight: 650; letter-spacing: .04em; overflow-wrap: anywhere; }
.pad ol { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 10px; margin-top: 6px; }
.pad li { border: 1px solid var(--faint); border-radius: 10px; padding: 8px; background: var(--ground); width: 148px; }
.pad li.refused { border: 1px dashed var(--red); }
.pad li > div { display: flex; gap: 10px; align-items: center; }
.pad li canvas { width: 56px; height: 56px; border-radius: 6px; image-rendering: pixelated; }
.pad li b { font-size: 24px; display: block; line-height: 1.1; }
.pad small { font-size: 12px; white-space: nowrap; }
.pad li .bars { display: grid; grid-template: 100% / repeat(10, 1fr); gap: 2px; margin-top: 8px; height: 52px;
  align-items: stretch; }
.pad .bars span { display: flex; flex-direction: column; justify-content: flex-end; text-align: center; font-size: 11px; }
.pad .bars i { display: block; background: #9c9ca1; border-radius: 2px 2px 0 0; min-height: 1px; transition: height .12s; }
.pad .bars .top i { background: var(--blue); }
.pad .refused .bars .top i { background: repeating-linear-gradient(45deg, #9c9ca1 0 3px, transparent 3px 6px); }
.pad .alone li { width: 100%; max-width: 330px; }
.pad .alone li canvas { width: 112px; height: 112px; }
.pad .alone li b { font-size: 34px; }
.pad .alone li .bars { height: 84px; font-size: 13px; }
.pad .many li { width: 96px; padding: 6px; }
.pad .many li > div { gap: 6px; }
.pad .many li canvas { width: 40px; height: 40px; }
.pad .many li b { font-size: 18px; }
.pad .many small { font-size: 10px; }
.pad .many li .bars { height: 34px; gap: 1px; }
.pad .many .bars span { font-size: 8px; }
@media (prefers-reduced-motion: reduce) { .pad .bars i { transition: none; } }
`;
const SVG = "http://www.w3.org/2000/svg";
const HINT = "Draw digits here, or drop or paste a picture";
const LABEL = "Drawing pad. Draw with mouse, finger or pen; with the keyboard, arrows move and space puts the pen " +
  "down or lifts it. Control Z takes back, Delete clears, Control V pastes a picture.";
const PAUSE = 120; // ms between answers while a stroke is being drawn
const STEP = 14; // how far an arrow key goes, in pixels of the pad

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in made && name !== "role") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

const percent = (part) => (part > 0.99 ? "over 99 %" : `${Math.round(100 * part)} %`);

/* One candidate: what the network saw, what it says, and its ten bars. */
function card(digit) {
  const canvas = element("canvas", { width: 28, height: 28, role: "img", "aria-label": "what the network saw" });
  const bytes = Uint8Array.from(atob(digit.frame), (character) => character.charCodeAt(0));
  const pixels = new ImageData(28, 28);
  bytes.forEach((ink, i) => pixels.data.set([ink, ink, ink, 255], 4 * i));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  const name = digit.accepted ? `${digit.digit}` : `(${digit.digit})`;
  const sure = digit.accepted ? percent(digit.confidence) : "refused";
  const bars = digit.probabilities.map((part, i) => {
    const bar = element("i");
    bar.style.height = `${Math.round(70 * part)}%`;
    return element("span", { className: i === digit.digit ? "top" : "" }, bar, `${i}`);
  });
  const spoken = digit.probabilities.map((part, i) => `${i}: ${percent(part)}`).join(", ");
  return element(
    "li", { className: digit.accepted ? "" : "refused" },
    element("div", {}, canvas, element("div", {}, element("b", {}, name), element("small", {}, sure))),
    element("div", { className: "bars", role: "img", "aria-label": `probabilities: ${spoken}` }, ...bars),
  );
}

/* Everything that is on the page, by name. */
function layout(root) {
  const parts = {
    canvas: element("canvas", { tabIndex: 0, role: "application", "aria-label": LABEL }),
    image: element("img", { hidden: true, alt: "the picture that was read" }),
    boxes: document.createElementNS(SVG, "svg"),
    hint: element("div", { className: "hint" }, HINT),
    brush: element("input", { type: "range", min: 6, max: 30, value: 14 }),
    undo: element("button", { type: "button" }, "Undo"),
    clear: element("button", { type: "button" }, "Clear"),
    paste: element("button", { type: "button" }, "Paste"),
    text: element("span", { className: "text" }),
    detail: element("span", { className: "detail" }),
    cards: element("ol"),
  };
  const { canvas, image, boxes, hint, brush, undo, clear, paste, text, detail, cards } = parts;
  boxes.setAttribute("aria-hidden", "true");
  parts.stage = element("div", { className: "stage" }, canvas, image, boxes, hint);
  parts.tools = element("div", { className: "tools" }, undo, clear, paste, element("label", {}, "Pen", brush));
  const said = element("div", { className: "said", role: "status" }, text, detail);
  parts.whole = element(
    "div", { className: "pad", "data-lm-suppress-shortcuts": "true" }, // or keys would reach JupyterLab
    element("div", { className: "left" }, parts.stage, parts.tools),
    element("div", { className: "right" }, said, cards),
  );
  root.append(element("style", {}, STYLE), parts.whole);
  return parts;
}

/* Draw the strokes, and where the keyboard's pen is. */
function paint({ canvas, hint, image }, { size: [width, height], strokes, keyed, writing, pen }) {
  const scale = Math.min(window.devicePixelRatio || 1, 4) * (canvas.clientWidth || width) / width;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const ink = canvas.getContext("2d");
  ink.scale(scale, scale);
  ink.lineCap = ink.lineJoin = "round";
  ink.strokeStyle = "#1b1b1f";
  for (const { width: broad, points } of strokes) {
    ink.lineWidth = broad;
    ink.beginPath();
    ink.moveTo(...points[0]);
    points.forEach((point) => ink.lineTo(...point));
    ink.stroke();
  }
  canvas.classList.toggle("keyed", keyed);
  if (keyed) {
    ink.lineWidth = 2;
    ink.strokeStyle = writing ? "#e42536" : "#2f6fe4";
    ink.beginPath();
    ink.arc(...pen, 9, 0, 2 * Math.PI);
    ink.stroke();
  }
  hint.hidden = strokes.length > 0 || !image.hidden;
}

/* Send one message at a time: the next strokes go out when the answer to these is there. */
function courier(whole, send, strokes) {
  let turn = 0, waiting = false, due = false, last = 0;
  function tell() {
    due = Boolean(waiting);
    if (!waiting) post({ strokes: strokes() });
  }
  function post(content) {
    waiting = setTimeout(settle, 3000); // an answer that never comes must not silence the pad
    last = performance.now();
    turn += 1;
    whole.dataset.sent = turn;
    send({ turn, ...content });
  }
  function settle() {
    clearTimeout(waiting);
    waiting = false;
    if (due) tell();
  }
  function arrived(answered) {
    if (answered === turn) settle();
    if (answered) whole.dataset.answered = answered;
  }
  const idle = () => performance.now() - last > PAUSE && !waiting;
  return { tell, post, arrived, idle };
}

/* What a pen can do, whoever holds it: mouse, finger or keyboard. */
function drawing(parts, state, post) {
  const redraw = () => paint(parts, state);
  function remember() {
    state.past = [...state.past, state.strokes].slice(-200);
    parts.image.hidden = true;
  }
  function begin(point) {
    remember();
    state.stroke = { width: Number(parts.brush.value), points: [point] };
    state.strokes = [...state.strokes, state.stroke];
    parts.boxes.replaceChildren();
    redraw();
  }
  function go(points) {
    state.stroke.points.push(...points);
    redraw();
    if (post.idle()) post.tell();
  }
  function lift() {
    state.stroke = state.pointer = null;
    post.tell();
  }
  function undo() {
    if (!state.past.length) return;
    state.strokes = state.past.pop();
    state.writing = false;
    parts.image.hidden = true;
    redraw();
    post.tell();
  }
  function clear() {
    remember();
    state.writing = false;
    state.strokes = [];
    redraw();
    post.tell();
  }
  parts.undo.onclick = undo;
  parts.clear.onclick = clear;
  return { redraw, begin, go, lift, undo, clear };
}

function listenToPointer({ canvas }, state, pen) {
  const [width, height] = state.size;
  function place(event) {
    const area = canvas.getBoundingClientRect();
    const x = (event.clientX - area.left) * width / area.width, y = (event.clientY - area.top) * height / area.height;
    return [Math.round(10 * x) / 10, Math.round(10 * y) / 10];
  }
  canvas.onpointerdown = (event) => {
    if (state.pointer !== null || event.button > 0) return; // a palm beside the pen
    event.preventDefault();
    state.pointer = event.pointerId;
    state.keyed = false;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(state.pointer);
    pen.begin(place(event));
  };
  canvas.onpointermove = (event) => {
    if (event.pointerId !== state.pointer) return;
    const between = event.getCoalescedEvents?.() ?? [];
    pen.go((between.length ? between : [event]).map(place));
  };
  canvas.onpointerup = canvas.onpointercancel = (event) => {
    if (event.pointerId === state.pointer) pen.lift();
  };
}

function listenToKeyboard({ canvas }, state, pen) {
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const within = (place, side) => Math.min(side, Math.max(0, place));
  function move([x, y]) {
    state.pen = [within(state.pen[0] + STEP * x, state.size[0]), within(state.pen[1] + STEP * y, state.size[1])];
    if (state.writing) pen.go([state.pen]);
    pen.redraw();
  }
  function turnOver() {
    state.writing = !state.writing;
    if (state.writing) pen.begin(state.pen);
    else pen.lift();
    pen.redraw();
  }
  canvas.onkeydown = (event) => {
    event.stopPropagation();
    state.keyed = true;
    if (event.key in arrows) move(arrows[event.key]);
    else if (event.key === " ") turnOver();
    else if (event.key === "z" && (event.ctrlKey || event.metaKey)) pen.undo();
    else if (event.key === "Delete" || event.key === "Backspace") pen.clear();
    else return;
    event.preventDefault();
  };
  canvas.onfocus = canvas.onblur = (event) => {
    state.keyed = event.type === "focus" && state.pointer === null;
    pen.redraw();
  };
}

/* Take pictures that are dropped or pasted. */
function listenToPictures({ whole, stage, paste }, post, refuse) {
  async function take(file) {
    if (!file) return refuse("there is no picture in the clipboard: copy one, then paste it here");
    if (file.size > 7e6) return refuse("this picture is larger than 7 MB: save it smaller");
    const bytes = new Uint8Array(await file.arrayBuffer());
    let binary = "";
    for (let i = 0; i < bytes.length; i += 32768) binary += String.fromCharCode(...bytes.subarray(i, i + 32768));
    post({ picture: btoa(binary), name: file.name || "pasted picture" });
  }
  whole.onpaste = (event) => {
    event.preventDefault();
    event.stopPropagation();
    take([...event.clipboardData.files][0]);
  };
  paste.onclick = async () => {
    try {
      for (const item of await navigator.clipboard.read()) {
        const kind = item.types.find((type) => type.startsWith("image/"));
        if (kind) return take(await item.getType(kind));
      }
      take(null);
    } catch {
      refuse("the browser keeps the clipboard closed: click on the pad and press Ctrl V");
    }
  };
  stage.ondragover = (event) => event.preventDefault();
  stage.ondrop = (event) => {
    event.preventDefault();
    event.stopPropagation();
    take(event.dataTransfer.files[0]);
  };
}

function outline({ box: [x, y, width, height], accepted }) {
  const rect = document.createElementNS(SVG, "rect");
  Object.entries({ x, y, width, height, rx: 3 }).forEach(([name, value]) => rect.setAttribute(name, value));
  if (!accepted) rect.setAttribute("class", "refused");
  return rect;
}

/* Show what `digitlib.doors.pad.answer` said. */
function display(parts, state, answer) {
  const { image, text, detail, boxes, cards } = parts;
  const digits = answer.digits ?? [];
  if (answer.picture) {
    image.src = answer.picture;
    image.alt = `${answer.name}, the picture that was read`;
    image.hidden = false;
    if (state.strokes.length) state.past.push(state.strokes);
    state.strokes = [];
  }
  text.textContent = answer.text ?? "";
  detail.textContent = answer.error ?? answer.reason ?? (answer.text ? `${percent(answer.confidence)} sure` : "");
  if (!state.strokes.length && !answer.picture && !answer.error) detail.textContent = "";
  boxes.setAttribute("viewBox", `0 0 ${answer.width ?? state.size[0]} ${answer.height ?? state.size[1]}`);
  boxes.replaceChildren(...digits.map(outline));
  cards.className = digits.length === 1 ? "alone" : digits.length > 4 ? "many" : "";
  cards.replaceChildren(...digits.slice(0, 60).map(card));
  paint(parts, state);
}

/* Build a pad in `root`. `send(message)` carries {turn, strokes} or {turn, picture: base64, name} to Python. */
function pad(root, size, send) {
  const parts = layout(root);
  const state = {
    size, strokes: [], stroke: null, past: [], pointer: null, pen: size.map((side) => side / 2), writing: false, keyed: false,
  };
  const post = courier(parts.whole, send, () => state.strokes);
  const pen = drawing(parts, state, post);
  let shown = "";
  function show(answer) { // the same thing twice changes nothing
    const content = JSON.stringify(answer ?? null);
    if (content !== shown) {
      shown = content;
      display(parts, state, answer ?? {});
    }
    post.arrived(answer?.turn);
  }
  listenToPointer(parts, state, pen);
  listenToKeyboard(parts, state, pen);
  listenToPictures(parts, post.post, (sentence) => show({ error: sentence }));
  function asPicture() { // of a file: nothing to draw on
    parts.whole.classList.add("fixed");
    for (const part of [parts.tools, parts.canvas, parts.hint]) part.remove();
  }
  new ResizeObserver(pen.redraw).observe(parts.stage);
  pen.redraw();
  return { show, asPicture };
}

function render({ model, el }) {
  const made = pad(el, model.get("size"), (message) => {
    model.set("message", message);
    model.save_changes();
  });
  const show = () => made.show(model.get("answer"));
  model.on("change:answer", show);
  show();
  return () => model.off("change:answer", show);
}

function page({ data, parentElement, setStateValue }) {
  if (!parentElement.pad) {
    parentElement.pad = pad(parentElement, data.size, (message) => setStateValue("message", message));
    if (data.fixed) parentElement.pad.asPicture();
  }
  parentElement.pad.show(data.answer);
}

export default (component) => (component ? page(component) : { render });
