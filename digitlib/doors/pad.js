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

/* Build a pad in `root`. `send(message)` carries {turn, strokes} or {turn, picture: base64, name} to Python. */
function pad(root, [width, height], send) {
  const canvas = element("canvas", { tabIndex: 0, role: "application", "aria-label": LABEL });
  const image = element("img", { hidden: true, alt: "the picture that was read" });
  const boxes = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const hint = element("div", { className: "hint" }, HINT);
  const brush = element("input", { type: "range", min: 6, max: 30, value: 14 });
  const undo = element("button", { type: "button" }, "Undo");
  const clear = element("button", { type: "button" }, "Clear");
  const paste = element("button", { type: "button" }, "Paste");
  const stage = element("div", { className: "stage" }, canvas, image, boxes, hint);
  const tools = element("div", { className: "tools" }, undo, clear, paste, element("label", {}, "Pen", brush));
  const text = element("span", { className: "text" });
  const detail = element("span", { className: "detail" });
  const cards = element("ol");
  const said = element("div", { className: "said", role: "status" }, text, detail);
  const whole = element(
    "div", { className: "pad", "data-lm-suppress-shortcuts": "true" }, // or keys would reach JupyterLab
    element("div", { className: "left" }, stage, tools),
    element("div", { className: "right" }, said, cards),
  );
  root.append(element("style", {}, STYLE), whole);
  boxes.setAttribute("aria-hidden", "true");

  let strokes = [], stroke = null, pointer = null, past = [], turn = 0, waiting = false, due = false, last = 0;
  let pen = [width / 2, height / 2], writing = false, keyed = false, shown = "";

  function redraw() {
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
    if (keyed) { // where the keyboard's pen is
      ink.lineWidth = 2;
      ink.strokeStyle = writing ? "#e42536" : "#2f6fe4";
      ink.beginPath();
      ink.arc(...pen, 9, 0, 2 * Math.PI);
      ink.stroke();
    }
    hint.hidden = strokes.length > 0 || !image.hidden;
  }

  /* Send the strokes, one message at a time: the next goes out when the answer to this one is there. */
  function tell() {
    if (waiting) {
      due = true;
      return;
    }
    due = false;
    post({ strokes });
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

  function change(next) {
    past.push(strokes);
    past = past.slice(-200);
    strokes = next;
    image.hidden = true;
    redraw();
    tell();
  }
  function place(event) {
    const area = canvas.getBoundingClientRect();
    const x = (event.clientX - area.left) * width / area.width, y = (event.clientY - area.top) * height / area.height;
    return [Math.round(10 * x) / 10, Math.round(10 * y) / 10];
  }
  function begin(point) {
    past.push(strokes);
    image.hidden = true;
    stroke = { width: Number(brush.value), points: [point] };
    strokes = [...strokes, stroke];
    boxes.replaceChildren();
    redraw();
  }
  function go(points) {
    stroke.points.push(...points);
    redraw();
    if (performance.now() - last > PAUSE && !waiting) tell();
  }
  function lift() {
    stroke = pointer = null;
    tell();
  }

  canvas.onpointerdown = (event) => {
    if (pointer !== null || event.button > 0) return; // a palm beside the pen
    event.preventDefault();
    pointer = event.pointerId;
    keyed = false;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(pointer);
    begin(place(event));
  };
  canvas.onpointermove = (event) => {
    if (event.pointerId !== pointer) return;
    const between = event.getCoalescedEvents?.() ?? [];
    go((between.length ? between : [event]).map(place));
  };
  canvas.onpointerup = canvas.onpointercancel = (event) => {
    if (event.pointerId === pointer) lift();
  };
  canvas.onfocus = canvas.onblur = (event) => {
    keyed = event.type === "focus" && pointer === null;
    redraw();
  };

  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.onkeydown = (event) => {
    event.stopPropagation();
    keyed = true;
    const arrow = arrows[event.key];
    if (arrow) {
      pen = [Math.min(width, Math.max(0, pen[0] + STEP * arrow[0])), Math.min(height, Math.max(0, pen[1] + STEP * arrow[1]))];
      if (writing) go([pen]);
      redraw();
    } else if (event.key === " ") {
      writing = !writing;
      if (writing) begin(pen);
      else lift();
      redraw();
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey)) undo.onclick();
    else if (event.key === "Delete" || event.key === "Backspace") clear.onclick();
    else return;
    event.preventDefault();
  };
  undo.onclick = () => {
    if (!past.length) return;
    strokes = past.pop();
    writing = false;
    image.hidden = true;
    redraw();
    tell();
  };
  clear.onclick = () => {
    writing = false;
    change([]);
  };

  function refuse(sentence) {
    show({ error: sentence });
  }
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

  /* Show what `digitlib.doors.pad.answer` said; the same thing twice changes nothing. */
  function show(answer) {
    const content = JSON.stringify(answer ?? null);
    if (content !== shown) {
      shown = content;
      render(answer ?? {});
    }
    if (answer?.turn === turn) settle();
    if (answer?.turn) whole.dataset.answered = answer.turn;
  }
  function render(answer) {
    const digits = answer.digits ?? [];
    if (answer.picture) {
      image.src = answer.picture;
      image.alt = `${answer.name}, the picture that was read`;
      image.hidden = false;
      if (strokes.length) past.push(strokes);
      strokes = [];
      }
    text.textContent = answer.text ?? "";
    detail.textContent = answer.error ?? answer.reason ?? (answer.text ? `${percent(answer.confidence)} sure` : "");
    if (!strokes.length && !answer.picture && !answer.error) detail.textContent = "";
    boxes.setAttribute("viewBox", `0 0 ${answer.width ?? width} ${answer.height ?? height}`);
    boxes.replaceChildren(...digits.map(({ box: [x, y, w, h], accepted }) => {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      Object.entries({ x, y, width: w, height: h, rx: 3 }).forEach(([name, value]) => rect.setAttribute(name, value));
      if (!accepted) rect.setAttribute("class", "refused");
      return rect;
    }));
    cards.className = digits.length === 1 ? "alone" : digits.length > 4 ? "many" : "";
    cards.replaceChildren(...digits.slice(0, 60).map(card));
    redraw();
  }

  function asPicture() { // of a file: nothing to draw on
    whole.classList.add("fixed");
    for (const part of [tools, canvas, hint]) part.remove();
  }
  new ResizeObserver(redraw).observe(stage);
  redraw();
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
