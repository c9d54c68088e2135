"use strict";
// Names each field that completes what is typed after its label, for whoever hears the form: select2 leaves them without a name.
(() => {
  const label = (select) => {
    const cell = select.closest("td[class*='field-']");
    const column = cell && cell.className.match(/field-(\S+)/)[1];
    const heading = column && cell.closest("table").querySelector(`th.column-${column}`);
    const words = select.getAttribute("aria-label") || select.labels?.[0]?.textContent || heading?.textContent || select.name;
    return words.trim().replace(/:$/, "");
  };

  const name = (field) => {
    const select = field.previousElementSibling;
    if (!select?.matches("select")) return;
    for (const part of field.querySelectorAll("[role=combobox], [role=textbox], .select2-search__field")) {
      part.setAttribute("aria-label", label(select));
    }
  };

  new MutationObserver((changes) => {
    for (const added of changes.flatMap((change) => [...change.addedNodes])) {
      if (added.classList?.contains("select2-container")) name(added);
    }
  }).observe(document, { childList: true, subtree: true });
})();
