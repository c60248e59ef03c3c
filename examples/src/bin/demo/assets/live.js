// Shows the session in the panel, and counts down to deadlines. Everything else works without scripts.
"use strict";

const panel = document.getElementById("live");
const changes = document.getElementById("changes");
let state = null;
let source = null;

/** Writes a time as `09:59`, `23:59:59` or `29 d 23:59:59`. */
function timeLeft(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  const [days, hours] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24];
  const clock = `${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
  if (days > 0) return `${days} d ${two(hours)}:${clock}`;
  return hours > 0 ? `${hours}:${clock}` : clock;
}

function countDown() {
  for (const element of document.querySelectorAll("[data-until]")) {
    element.textContent = timeLeft(Number(element.dataset.until) - Date.now());
  }
}

function show(content) {
  panel.innerHTML = content;
  countDown();
  const shown = panel.firstElementChild.dataset.state;
  // Screen readers hear of another token or another state, and not of each field.
  if (state !== null && shown !== state) changes.textContent = shown;
  state = shown;
}

/** Connects while the page can be seen: browsers open few connections to one site. */
function connect() {
  source?.close();
  source = null;
  if (document.visibilityState === "hidden") return;
  source = new EventSource("/live");
  source.addEventListener("session", (event) => show(event.data));
}

addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => event.persisted && connect());
document.addEventListener("visibilitychange", connect);
setInterval(countDown, 1000);
countDown();
connect();
