"use strict";
// Tables sort by their headings and download as CSV. The page reads whole without this script.
(() => {
  const collator = new Intl.Collator("en-GB", { numeric: true, sensitivity: "base" });
  const status = document.getElementById("status");
  const say = (text) => { status.textContent = text; };

  const main = (cell) => (cell.querySelector(".main") || cell).textContent.trim();
  const under = (cell) => { const one = cell.querySelector("small"); return one ? [...one.children].map((bit) => bit.textContent.trim()).join(" · ") : ""; };
  const number = (cell) => (cell.dataset.v === undefined ? null : Number(cell.dataset.v));

  // Figures by size, text by the alphabet; what is withheld or undefined comes last either way.
  const compare = (a, b, sign) => {
    const [x, y] = [number(a), number(b)];
    const [p, q] = [a.classList.contains("quiet"), b.classList.contains("quiet")];
    if (p !== q) return p ? 1 : -1;
    if (x !== null && y !== null) return sign * (x - y);
    if ((x === null) !== (y === null)) return x === null ? 1 : -1;
    return sign * collator.compare(main(a), main(b));
  };

  const sortBy = (table, column) => {
    const heads = [...table.tHead.rows[0].cells];
    const up = heads[column].getAttribute("aria-sort") !== "ascending";
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => compare(a.cells[column], b.cells[column], up ? 1 : -1));
    table.tBodies[0].append(...rows);
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[column].setAttribute("aria-sort", up ? "ascending" : "descending");
    say(`Sorted by ${main(heads[column])}, ${up ? "smallest or first on top" : "largest or last on top"}.`);
  };

  const makeSortable = (table) => {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort main";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sortBy(table, column));
      head.append(button);
    });
  };

  // A spreadsheet runs text that begins like a formula: such text gets an apostrophe.
  const field = (text) => {
    const safe = /^[=+\-@\t\r]/.test(text) && !/^[+\-]?\d*\.?\d+(e[+\-]?\d+)?$/i.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };

  const csv = (table) => {
    const heads = [...table.tHead.rows[0].cells].map(main);
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells]);
    const more = heads.map((_, column) => rows.some((cells) => under(cells[column])));
    const spread = (cells, first, second) =>
      cells.flatMap((cell, column) => (more[column] ? [first(cell), second(cell)] : [first(cell)]));
    const figure = (cell) => (number(cell) === null ? main(cell) : String(number(cell)));
    const lines = [spread(heads, (head) => head, (head) => `${head}: beneath`)];
    rows.forEach((cells) => lines.push(spread(cells, figure, under)));
    return lines.map((line) => line.map(field).join(",") + "\r\n").join("");
  };

  const download = (table, name) => {
    const blob = new Blob(["\ufeff", csv(table)], { type: "text/csv;charset=utf-8" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    say(`Downloaded as ${name}.csv.`);
  };

  document.querySelectorAll("table").forEach((table, place) => {
    makeSortable(table);
    const section = table.closest("section[id]");
    const name = `${document.body.dataset.name}-${section ? section.id : "page"}-table-${place + 1}`;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "download";
    button.textContent = "Download as CSV";
    button.setAttribute("aria-label", `Download as CSV: table ${place + 1}, ${main(table.tHead.rows[0].cells[0])}`);
    button.addEventListener("click", () => download(table, name));
    table.closest(".scroll").after(button);
  });

  // What is folded prints too, also where the style cannot open it.
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
})();
