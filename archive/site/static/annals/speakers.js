"use strict";
// On an event's form, offers participants that are not saved yet as speakers of its statements, each as "new-<number of its row>".
// Without this script they can be chosen once the event has been saved.
(() => {
  const rows = () => [...document.querySelectorAll('input[name^="participations-"][name$="-id"]')]
    .filter((id) => !id.value && !id.name.includes("__prefix__"))
    .map((id) => id.name.split("-")[1]);

  const who = (row) => ["person", "organization", "country"]
    .map((field) => document.querySelector(`select[name="participations-${row}-${field}"]`)?.selectedOptions[0]?.text.trim())
    .find((text) => text && text !== "---------");

  const box = (list, prefix, value) => {
    let input = list.querySelector(`input[value="${value}"]`);
    if (!input) {
      const line = list.appendChild(document.createElement("div"));
      const label = line.appendChild(document.createElement("label"));
      input = label.appendChild(document.createElement("input"));
      Object.assign(input, { type: "checkbox", name: `${prefix}-speakers`, value });
      label.append(" ", document.createElement("span"));
    }
    return input;
  };

  const offer = () => {
    const known = rows().map((row) => [`new-${row}`, who(row)]).filter(([, name]) => name);
    for (const list of document.querySelectorAll('div[id^="id_statements-"][id$="-speakers"]')) {
      if (list.id.includes("__prefix__")) continue;
      const prefix = list.id.slice("id_".length, -"-speakers".length);
      for (const [value, name] of known) {
        const label = box(list, prefix, value).closest("label");
        const text = label.querySelector("span") ?? label.appendChild(document.createElement("span"));
        [...label.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).forEach((node) => { node.data = " "; });
        text.textContent = `${name} (new)`;
      }
      for (const input of list.querySelectorAll('input[value^="new-"]')) {
        if (!known.some(([value]) => value === input.value)) input.closest("div").remove();
      }
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (!document.getElementById("participations-group")) return;
    offer();
    for (const name of ["formset:added", "formset:removed"]) document.addEventListener(name, offer);
    // The admin's autocompletes tell of their changes by jQuery alone.
    window.django.jQuery(document).on("change", '#participations-group select', offer);
  });
})();
