"use strict";
// Show the wording that the three lists name. Nothing is fetched, nothing is kept.
const lists = [...document.querySelectorAll("select[data-part]")];
function show() {
  const wanted = lists.map((list) => list.value).join(" ");
  for (const wording of document.querySelectorAll(".wording"))
    wording.hidden = wording.dataset.key !== wanted;
}
function fromAddress() {
  const parts = decodeURIComponent(location.hash.slice(1)).split(",");
  lists.forEach((list, i) => {
    if (parts[i] && [...list.options].some((option) => option.value === parts[i]))
      list.value = parts[i];
  });
  show();
}
document.documentElement.classList.add("js");
for (const more of document.querySelectorAll("button.more"))
  more.addEventListener("click", () => more.parentElement.classList.add("all"));
for (const list of lists) list.addEventListener("change", show);
addEventListener("hashchange", fromAddress);
fromAddress();
