// Says, while the name of a new record is typed, which records with a name like it are there already.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const field = document.querySelector("#id_name, #id_title");
  if (!field || !location.pathname.endsWith("/add/")) return;
  const box = document.createElement("div");
  box.className = "there-already";
  box.setAttribute("role", "status");
  field.closest(".form-row").append(box);
  let timer, asked = 0;

  function show(records) {
    box.replaceChildren();
    if (!records.length) return;
    const list = document.createElement("ul");
    for (const record of records) {
      const link = document.createElement("a");
      link.href = record.url;
      link.target = "_blank";
      link.textContent = record.name;
      const item = document.createElement("li");
      item.append(link, ` (${record.state.toLowerCase()})`);
      list.append(item);
    }
    box.append("There is already:", list);
  }

  async function ask() {
    const number = ++asked, name = field.value.trim().slice(0, 200);
    if (name.length < 3) return show([]);
    const address = new URL("../there-already/", location.href);
    address.search = new URLSearchParams({ name });
    try {
      const answer = await fetch(address, { credentials: "same-origin" });
      const found = answer.ok ? await answer.json() : { records: [] };
      if (number === asked) show(found.records);
    } catch {
      if (number === asked) show([]); // it only helps: saving does not wait for it
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 300);
  });
  if (field.value) ask();
});
