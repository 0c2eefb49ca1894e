
"use strict";
// Names come from the program: they are only ever set as text.
const $ = (id) => document.getElementById(id);
const [bar, table, body, totals, ending, when, down, note, filter, pause, fold] =
  ["bar", "table", "rows", "totals", "ending", "when", "down", "note", "filter", "pause", "fold"].map($);
const SIGNS = { running: "● running", waiting: "◔ waiting", cancelled: "▲ cancelled", aborted: "■ aborted" };
const folded = new Set();
const lines = new Map();
let last = null, paused = false, failing = null, timer = 0, asking = false;

const number = (n) => n.toLocaleString("en").replaceAll(",", "\u202f");
const counted = (n, what) => `${number(n)} ${what}${n === 1 ? "" : "s"}`;
const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hour12: false });

function duration(age) {
  const s = Math.floor(age), two = (n) => String(n).padStart(2, "0");
  if (s < 1) return `${Math.floor(age * 1000)} ms`;
  if (s < 60) return `${(Math.floor(age * 10) / 10).toFixed(1)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} m ${two(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${two(Math.floor(s / 60) % 60)} m`;
  return `${Math.floor(s / 86400)} d ${two(Math.floor(s / 3600) % 24)} h`;
}

// What a row is known by from one answer to the next, and its parent's place.
function prepare(rows) {
  const path = [], seen = new Map();
  rows.forEach((row, at) => {
    const parent = row.depth > 0 ? path[row.depth - 1] : -1;
    path[row.depth] = at;
    row.parent = parent;
    const like = JSON.stringify([parent < 0 ? "" : rows[parent].key, row.kind, row.name, row.place, row.state, row.owner]);
    const nth = seen.get(like) || 0;
    seen.set(like, nth + 1);
    row.key = like + "#" + nth;
    row.leaf = true;
    if (parent >= 0) rows[parent].leaf = false;
    row.text = [row.name, row.kind, row.state, row.place, row.owner, row.detached ? "detached" : ""].join("\n").toLowerCase();
  });
}

function makeLine(key) {
  const tr = document.createElement("tr"), line = { tr };
  for (const name of ["name", "state", "age", "kind", "place"]) {
    line[name] = tr.insertCell();
    line[name].className = name;
  }
  const span = document.createElement("span");
  line.fold = document.createElement("button");
  line.fold.type = "button";
  line.fold.className = "fold";
  line.fold.addEventListener("click", () => {
    folded.has(key) ? folded.delete(key) : folded.add(key);
    show();
  });
  line.leaf = document.createElement("span");
  line.leaf.className = "leaf";
  line.count = document.createElement("span");
  line.count.className = "count";
  line.label = document.createElement("span");
  line.label.className = "label";
  span.append(line.fold, line.leaf, line.count, line.label);
  line.name.append(span);
  return line;
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function fill(line, row, dim) {
  line.tr.className = (row.inside === null ? "task" : "scope") + (dim ? " dim" : "");
  line.tr.style.setProperty("--depth", Math.min(row.depth, 16));
  line.fold.hidden = row.leaf;
  line.leaf.hidden = !row.leaf;
  const closed = folded.has(row.key);
  set(line.fold, closed ? "▸" : "▾");
  line.fold.setAttribute("aria-expanded", String(!closed));
  line.fold.setAttribute("aria-label", (closed ? "Unfold " : "Fold ") + row.name);
  set(line.count, row.count > 1 ? number(row.count) + " ×" : "");
  line.count.hidden = row.count === 1;
  set(line.label, (row.depth > 16 ? `(${row.depth} deep) ` : "") + row.name);
  set(line.state, SIGNS[row.state] || row.state);
  line.state.className = "state " + row.state;
  set(line.age, (row.count > 1 ? "oldest " : "") + duration(row.age));
  const inside = row.inside !== null && row.depth > 0 && (row.count > 1 || closed || last.merged) ? `, ${counted(row.inside, "task")}` : "";
  set(line.kind, row.kind + (row.detached ? ", detached" : "") + inside);
  set(line.place, (row.place || "") + (row.owner ? ` opened by ${row.owner}` : ""));
}

function show() {
  if (!last) return;
  const rows = last.rows, wanted = filter.value.trim().toLowerCase();
  const hits = rows.map((row) => row.text.includes(wanted));
  const shown = rows.map(() => false);
  rows.forEach((row, at) => {
    if (wanted) {
      if (hits[at]) for (let up = at; up >= 0 && !shown[up]; up = rows[up].parent) shown[up] = true;
    } else {
      shown[at] = row.parent < 0 || (shown[row.parent] && !folded.has(rows[row.parent].key));
    }
  });
  const kept = new Set();
  let next = body.firstChild;
  rows.forEach((row, at) => {
    if (!shown[at]) return;
    kept.add(row.key);
    let line = lines.get(row.key);
    if (!line) lines.set(row.key, (line = makeLine(row.key)));
    fill(line, row, wanted && !hits[at]);
    if (line.tr === next) next = next.nextSibling;
    else body.insertBefore(line.tr, next);
  });
  for (const [key, line] of lines) {
    if (!kept.has(key)) {
      line.tr.remove();
      lines.delete(key);
    }
  }
  const heading = `${counted(last.tasks, "task")} in ${counted(last.groups, "group")}`;
  set(totals, heading);
  document.title = heading;
  const stopping = ["cancelled", "aborted"].filter((state) => last[state]).map((state) => `${number(last[state])} ${state}, `);
  ending.hidden = !last.shutting_down;
  set(when, stopping.join("") + (paused ? "paused, " : "") + "as of " + clock(last.taken_at));
  const notes = [];
  if (wanted) notes.push(`${counted(hits.filter(Boolean).length, "line")} of ${number(rows.length)} match.`);
  if (last.merged) notes.push("Those that are alike share a line.");
  if (last.hidden) notes.push(`${counted(last.hidden, "more line")} not shown; text and json have all.`);
  set(note, notes.join(" "));
  note.hidden = notes.length === 0;
  set(fold, folded.size ? "Unfold all" : "Fold all");
}

async function ask() {
  if (asking) return;
  asking = true;
  clearTimeout(timer);
  const began = performance.now(), stop = new AbortController();
  const late = setTimeout(() => stop.abort(), 15000);
  try {
    const answer = await fetch("?format=rows", { signal: stop.signal, cache: "no-store" });
    if (!answer.ok) throw new Error("HTTP status " + answer.status);
    const news = await answer.json();
    prepare(news.rows);
    failing = null;
    if (!paused || !last) last = news;
    down.hidden = true;
    show();
  } catch (error) {
    failing = failing || new Date();
    const since = failing.toLocaleTimeString([], { hour12: false });
    set(down, `✖ The service has not answered since ${since} (${error.message}).` +
      (last ? ` What is below is as of ${clock(last.taken_at)}.` : ""));
    down.hidden = false;
  } finally {
    clearTimeout(late);
    asking = false;
    // A tenth of the time at most is spent on looking.
    timer = setTimeout(ask, Math.max(1000, (performance.now() - began) * 9));
  }
}

function toggle() {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  set(pause, paused ? "Go on" : "Pause");
  show();
  if (!paused) ask();
}

function foldAll() {
  if (folded.size) folded.clear();
  else if (last) last.rows.forEach((row) => row.depth > 0 && !row.leaf && folded.add(row.key));
  show();
}

pause.addEventListener("click", toggle);
fold.addEventListener("click", foldAll);
filter.addEventListener("input", show);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === filter) {
    if (event.key === "Escape") {
      filter.value = "";
      filter.blur();
      show();
    }
    return;
  }
  if (event.key === "/") {
    event.preventDefault();
    filter.focus();
  } else if (event.key === "p") toggle();
  else if (event.key === "x") foldAll();
});
bar.hidden = table.hidden = false;
ask();
