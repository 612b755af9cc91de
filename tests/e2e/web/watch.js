// Runs before the page: writes down, at every change of the chat, what could be read in it, and when
// the first nudge came. A cover that comes a moment late would leave its message here.
globalThis.watched = { texts: [], firstNudge: null, together: [] };
document.addEventListener("DOMContentLoaded", () => {
  const log = document.getElementById("log");
  if (!log) return;
  new MutationObserver((records) => {
    watched.texts.push(log.innerText);
    const added = records.flatMap((record) => [...record.addedNodes]);
    const nudge = added.find((node) => node.classList?.contains("nudge"));
    if (!nudge) return;
    watched.firstNudge ??= performance.now();
    watched.together.push(added.includes(nudge.previousElementSibling));
  }).observe(log, { childList: true, subtree: true, characterData: true });
});
