"use strict";
// Draws the page from the JSON in it. State: language, tab, filters, the persona in depth.
const TEXTS = JSON.parse(document.getElementById("texts").textContent);
const DATA = JSON.parse(document.getElementById("data").textContent);
const TABS = ["personas", "certainty", "exploration", "models", "data", "insights"];
// Sections whose figures the filters change.
const FILTERED = new Set(["personas", "certainty"]);
const FILTERS = ["segment", "size", "state"];
const ENGLISH = { "Sem informação": "Unknown", Demais: "Others", Pequena: "Small", Média: "Medium", Grande: "Large" };
const FIRST_MEASURE = 4;
// The table beside a chart has all of them.
const MOST_BARS = 15;

const state = {
  language: "pt",
  tab: "personas",
  filters: { segment: "", size: "", state: "" },
  persona: (DATA.personas.find((each) => each.is_found && each.id >= 0) || DATA.personas.find((each) => each.is_found) || {}).id,
};

const text = (key, values = {}) =>
  (TEXTS[key] || { pt: key, en: key })[state.language].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const said = (row, name) => row[`${name}_${state.language}`];
const value = (name) => (state.language === "en" && ENGLISH[name]) || name;
const locale = () => (state.language === "pt" ? "pt-BR" : "en-US");
const number = (x, digits = 0) =>
  x === null || x === undefined
    ? "–"
    : x.toLocaleString(locale(), { maximumFractionDigits: digits, minimumFractionDigits: digits });
const percent = (x, digits = 0) => (x === null || x === undefined || Number.isNaN(x) ? "–" : `${number(100 * x, digits)} %`);
const ratio = (part, whole) => (whole ? part / whole : null);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, set] of Object.entries(attributes)) {
    if (name === "color") made.style.setProperty("--color", set);
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), set);
    else if (set !== false && set !== undefined && set !== null) made.setAttribute(name, set);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

function card(title, ...children) {
  const made = element("section", { class: "card" }, element("h2", {}, title), ...children);
  // Said by the heading already; a reader of tables still hears it.
  for (const caption of made.querySelectorAll("caption")) if (caption.textContent === title) caption.className = "unseen";
  return made;
}
const paragraph = (said, kind = "") => element("p", { class: kind }, said);

// columns: [heading, cell(row), is a number?]
function table(caption, columns, rows) {
  const head = element("tr", {}, ...columns.map(([name, , right]) => element("th", { scope: "col", class: right ? "n" : "" }, name)));
  const body = rows.map((row) =>
    element("tr", {}, ...columns.map(([, cell, right], at) => {
      const found = cell(row);
      const content = found === null || found === undefined || found === "" ? "–" : found;
      return element(at ? "td" : "th", { class: right ? "n" : "", scope: at ? null : "row" }, content);
    })));
  const made = element("table", {}, element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, ...body));
  // A wide table scrolls by keyboard too.
  return element("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": caption }, made);
}

// A chart for the eyes and the same as a table for everybody.
function chart(label, spec, alternative) {
  const place = element("div", { class: "chart", role: "img", "aria-label": label });
  const full = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    width: "container",
    autosize: { type: "fit-x", contains: "padding" },
    background: "transparent",
    config: {
      aria: false,
      font: "system-ui, sans-serif",
      view: { stroke: null },
      axis: { labelFontSize: 12, titleFontSize: 12, gridColor: "#e4e9f0", labelColor: "#1c2430", titleColor: "#4a5565", labelLimit: 230 },
      legend: { labelFontSize: 12, titleFontSize: 12 },
    },
    ...spec,
  };
  // The place has the label; what is drawn in it is no reading.
  window.vegaEmbed(place, full, { actions: false, renderer: "svg", ast: true, tooltip: true })
    .then(() => place.querySelector("svg").setAttribute("aria-hidden", "true"));
  const parts = [place];
  if (alternative) parts.push(element("details", {}, element("summary", {}, text("table")), alternative));
  return parts;
}

const hasPersonas = DATA.versions.in_use !== null;

// Why nobody has a persona; nothing where somebody has.
function whyUnfitted() {
  const [newest] = DATA.versions.all;
  if (hasPersonas || !newest) return "";
  const lacks = newest.needed !== null && newest.customers < newest.needed;
  return text(lacks ? "too_few" : "first_refused", { needed: number(newest.needed), n: number(newest.customers) });
}

const personaName = (id) => {
  const found = DATA.personas.find((each) => each.id === id);
  return found ? said(found, "name") : String(id);
};
const personaDot = (id) => {
  const found = DATA.personas.find((each) => each.id === id) || {};
  return element("span", {}, element("i", { class: "dot", color: found.color, "aria-hidden": "true" }), personaName(id));
};
const colours = () => ({
  domain: DATA.personas.map((each) => said(each, "name")),
  range: DATA.personas.map((each) => each.color),
});

// The cells of the chosen filters, by persona.
function chosen() {
  const wanted = FILTERS.map((name) => state.filters[name] || null);
  const cells = new Map();
  for (const cell of DATA.cells) {
    if (wanted.every((each, at) => cell[at] === each)) {
      cells.set(cell[3], Object.fromEntries(DATA.measures.map((name, at) => [name, cell[FIRST_MEASURE + at]])));
    }
  }
  return cells;
}

// All customers of the chosen filters, those of small cells too; null where they are too few.
function totalOf() {
  const total = DATA.totals[FILTERS.map((name) => state.filters[name]).join("|")];
  return total ? Object.fromEntries(DATA.measures.map((name, at) => [name, total[at]])) : null;
}

function facts(cell, total) {
  const told = [
    ["customers", number(cell.customers)],
    ["mrr", number(cell.mrr)],
    total ? ["mrr_share", percent(ratio(cell.mrr, total.mrr))] : null,
    ["nps", cell.answered ? number((100 * (cell.promoters - cell.detractors)) / cell.answered) : "–"],
    ["tickets", number(ratio(cell.tickets, cell.customers), 1)],
    ["users", percent(ratio(cell.users, cell.customers))],
    hasPersonas ? ["certainty", percent(ratio(cell.certainty, cell.with_persona))] : null,
    hasPersonas ? ["ambiguous", percent(ratio(cell.ambiguous, cell.customers), 1)] : null,
  ].filter(Boolean);
  return element("dl", { class: "facts" }, ...told.map(([key, shown]) =>
    element("div", { "data-fact": key }, element("dt", {}, text(key)), element("dd", {}, shown))));
}

const LEVELS = [["level_size", "size"], ["value", "value"], ["loyalty", "loyalty"], ["engagement", "engagement"], ["satisfaction", "satisfaction"]];
function levels(persona) {
  const rows = [];
  for (const [key, name] of LEVELS) {
    const level = persona[name];
    rows.push(element("span", {}, text(key)));
    if (level === null || level === undefined) { rows.push(element("span", {}, "–")); continue; }
    const cut = Math.max(-2, Math.min(2, level));
    const bar = element("i", {});
    bar.style.left = `${cut < 0 ? 50 + 25 * cut : 50}%`;
    bar.style.width = `${25 * Math.abs(cut)}%`;
    rows.push(element("span", { class: "level", role: "img", "aria-label": `${text(key)} ${number(level, 1)}` }, bar));
  }
  return element("span", { class: "levels" }, ...rows);
}

const sections = {
  personas() {
    const cells = chosen();
    const total = totalOf();
    if (!total || !cells.size) return [card(text("at_a_glance"), paragraph(text("nobody", { least: DATA.smallest_cell })))];
    // Where no version is in use, no persona was looked for.
    const found = DATA.personas.filter((each) => (each.id >= 0 && hasPersonas) || cells.has(each.id));
    const glance = found.map((persona) => {
      const cell = cells.get(persona.id);
      const button = element("button", {
        type: "button", class: "persona", color: persona.color, "data-persona": persona.id,
        "aria-pressed": String(persona.id === state.persona),
        onclick: () => { state.persona = persona.id; draw(); document.querySelector(`[data-persona="${persona.id}"]`).focus(); },
      },
      element("span", { class: "name" }, said(persona, "name")),
      element("span", { class: "big" }, cell ? number(cell.customers) : "–"),
      element("span", { class: "small" }, cell
        ? `${percent(ratio(cell.customers, total.customers), 1)} · ${text("median_mrr")}: ${number(persona.median_mrr)}`
        : text(persona.is_found ? "nobody" : "not_found", { least: DATA.smallest_cell })),
      persona.is_found ? levels(persona) : null);
      return button;
    });
    const rows = found.filter((persona) => cells.has(persona.id)).map((persona) => ({ ...persona, ...cells.get(persona.id), name: said(persona, "name"), valueLevel: persona.value, engagementLevel: persona.engagement }));
    const byRevenue = [...rows].sort((one, other) => other.mrr - one.mrr).map((row) => row.name);
    return [
      card(text("customers"), facts(total, null)),
      element("h2", {}, text("at_a_glance")),
      paragraph(text("levels_note"), "soft"),
      element("div", { class: "grid" }, ...glance),
      depth(cells, total),
      element("div", { class: "two" },
        card(text("where_mrr"), ...chart(text("where_mrr"), {
          height: 26 * rows.length,
          data: { values: rows.map(({ name, mrr }) => ({ name, mrr, part: ratio(mrr, total.mrr), told: percent(ratio(mrr, total.mrr)) })) },
          encoding: {
            y: { field: "name", type: "nominal", sort: byRevenue, title: null },
            x: { field: "part", type: "quantitative", axis: { format: ".0%" }, title: text("mrr_share"), scale: { domainMax: Math.max(...rows.map((row) => ratio(row.mrr, total.mrr) || 0)) * 1.15 } },
          },
          layer: [
            { mark: { type: "bar", cornerRadiusEnd: 4 }, encoding: { color: { field: "name", type: "nominal", scale: colours(), legend: null } } },
            { mark: { type: "text", align: "left", dx: 4 }, encoding: { text: { field: "told" } } },
          ],
        }, table(text("where_mrr"), [
          [text("persona"), (row) => personaDot(row.id)],
          [text("customers"), (row) => number(row.customers), true],
          [text("mrr"), (row) => number(row.mrr), true],
          [text("mrr_share"), (row) => percent(ratio(row.mrr, total.mrr), 1), true],
        ], rows))),
        card(text("map"), ...chart(text("map"), {
          height: 330,
          data: { values: rows.filter((row) => row.valueLevel !== null && row.engagementLevel !== null).map(({ name, customers, valueLevel, engagementLevel }) => ({ name, customers, valueLevel, engagementLevel })) },
          encoding: {
            x: { field: "valueLevel", type: "quantitative", title: text("value"), scale: { domain: [-2.4, 2.4] } },
            y: { field: "engagementLevel", type: "quantitative", title: text("engagement"), scale: { domain: [-2.4, 2.4] } },
          },
          layer: [
            { mark: { type: "circle", opacity: 0.85, stroke: "#fff" }, encoding: { size: { field: "customers", type: "quantitative", legend: null, scale: { range: [60, 1600] } }, color: { field: "name", type: "nominal", scale: colours(), legend: null }, tooltip: [{ field: "name", title: text("persona") }, { field: "customers", title: text("customers") }] } },
            { mark: { type: "text", dy: -18, fontSize: 11 }, encoding: { text: { field: "name" } } },
          ],
        }, table(text("map"), [
          [text("persona"), (row) => personaDot(row.id)],
          [text("value"), (row) => number(row.valueLevel, 2), true],
          [text("engagement"), (row) => number(row.engagementLevel, 2), true],
        ], rows)))),
    ];
  },

  certainty() {
    const { in_use: used, all, stability } = DATA.versions;
    const version = all.find((each) => each.version === used);
    const histogram = DATA.certainty.map((row) => ({ ...row, name: personaName(row.persona), bin: `${number(row.tenth / 10, 1)}–${number((row.tenth + 1) / 10, 1)}` }));
    const parts = [
      card(text("version"), paragraph(version
        ? text("version_in_use", { version: used, day: version.as_of_date, model: version.model, n: number(version.customers) })
        : text("no_version")),
      version && version.checks ? element("p", {}, element("strong", {}, `${text("gate")}: `), element("span", { lang: "en" }, version.checks)) : null),
    ];
    const cells = chosen();
    const rows = DATA.personas.filter((each) => cells.has(each.id)).map((each) => ({ id: each.id, ...cells.get(each.id) }));
    parts.push(card(text("by_persona"), rows.length ? table(text("filters_here"), [
      [text("persona"), (row) => personaDot(row.id)],
      [text("customers"), (row) => number(row.customers), true],
      [text("certainty"), (row) => percent(ratio(row.certainty, row.with_persona), 1), true],
      [text("ambiguous"), (row) => percent(ratio(row.ambiguous, row.customers), 1), true],
      [text("mrr"), (row) => number(row.mrr), true],
    ], rows) : paragraph(text("nobody", { least: DATA.smallest_cell }))));
    if (histogram.length) {
      parts.push(card(text("probability"), paragraph(text("probability_note"), "soft"), ...chart(text("probability"), {
        height: 260,
        data: { values: histogram },
        mark: { type: "bar" },
        encoding: {
          x: { field: "bin", type: "ordinal", title: text("probability"), axis: { labelAngle: 0 } },
          y: { field: "customers", type: "quantitative", title: text("customers") },
          color: { field: "name", type: "nominal", scale: colours(), title: text("persona") },
          tooltip: [{ field: "name", title: text("persona") }, { field: "bin", title: text("probability") }, { field: "customers", title: text("customers") }],
        },
      }, table(text("probability"), [
        [text("persona"), (row) => personaDot(row.persona)],
        [text("probability"), (row) => row.bin, true],
        [text("customers"), (row) => number(row.customers), true],
      ], histogram))));
    }
    if (stability.length) {
      parts.push(card(text("stability"), table(text("stability_note"), [
        [text("persona"), (row) => personaDot(row.persona)],
        [text("stability"), (row) => number(row.stability, 2), true],
      ], stability)));
    }
    parts.push(card(text("history"), table(text("history"), [
      [text("version"), (row) => String(row.version)],
      [text("day"), (row) => row.as_of_date],
      [text("status"), (row) => text(row.status)],
      [text("because"), (row) => element("span", { lang: "en" }, row.because || "–")],
      [text("reason"), (row) => (row.reason ? element("span", { lang: "en" }, row.reason) : null)],
      [text("changes"), (row) => (row.changes ? element("span", { lang: "en" }, row.changes) : null)],
      [text("moved"), (row) => percent(row.moved, 1), true],
    ], all)));
    return parts;
  },

  exploration() {
    return [paragraph(text("exploration_note"), "soft"), ...DATA.exploration.map((answer) => {
      if (said(answer, "why_not")) return card(said(answer, "question"), paragraph(said(answer, "why_not")));
      return card(said(answer, "question"), paragraph(said(answer, "measure"), "soft"), ...answer.comparisons.flatMap((each) => compared(answer, each)));
    })];
  },

  models() {
    const found = DATA.models;
    if (!found) return [card(text("tab_models"), paragraph(text("models_none")), paragraph(text("models_why")))];
    const { models, ari } = found.agreement;
    return [
      card(text("tab_models"), paragraph(text("models_why")), table(text("models_note", { n: number(found.customers), day: found.as_of_date }), [
        [text("model"), (row) => row.model],
        [text("found"), (row) => number(row.found), true],
        [text("stability"), (row) => number(row.stability, 2), true],
        [text("shuffled"), (row) => number(row.null_found), true],
        [text("certainty"), (row) => number(row.certainty, 2), true],
        [text("without"), (row) => percent(row.unassigned), true],
        [text("seconds"), (row) => number(row.seconds, 1), true],
        [text("note"), (row) => said(row, "note")],
      ], found.rows)),
      card(text("agreement"), ...chart(text("agreement"), {
        height: 30 * models.length,
        data: { values: models.flatMap((one, i) => models.map((other, j) => ({ one, other, index: ari[i][j], told: number(ari[i][j], 2) }))) },
        encoding: { x: { field: "one", type: "nominal", sort: models, title: null, axis: { orient: "top", labelAngle: -35 } }, y: { field: "other", type: "nominal", sort: models, title: null } },
        layer: [
          { mark: "rect", encoding: { color: { field: "index", type: "quantitative", scale: { scheme: "blues", domain: [0, 1.6] }, legend: null } } },
          { mark: { type: "text", color: "#1c2430" }, encoding: { text: { field: "told" } } },
        ],
      }, table(text("agreement"), [[text("model"), (row) => row.name], ...models.map((name, j) => [name, (row) => number(row.values[j], 2), true])], models.map((name, i) => ({ name, values: ari[i] }))))),
    ];
  },

  data() {
    const { families, set_aside: aside, labels, features, overlap, changes, domains } = DATA.data;
    return [
      card(text("families"), table(text("families"), [
        [text("family"), (row) => row.family],
        [text("delivery"), (row) => (row.delivered ? row.delivery : text("not_delivered"))],
        ...["records", "quarantined", "kept", "duplicates", "superseded", "later", "set_aside"].map((key) => [text(key), (row) => number(row[key]), true]),
      ], families)),
      card(text("changes_title"), changes.length ? table(text("changes_title"), [
        [text("family"), (row) => row.family],
        [text("before"), (row) => `${row.before_day}: ${number(row.before)}`, true],
        [text("delivery"), (row) => `${row.day}: ${number(row.records)}`, true],
        [text("change"), (row) => percent(ratio(row.records - row.before, row.before), 1), true],
      ], changes) : paragraph(text("one_delivery"))),
      card(text("set_aside_title"), aside.length ? table(text("set_aside_title"), [
        [text("family"), (row) => row.family],
        [text("reason"), (row) => row.reason],
        [text("meaning"), (row) => element("span", { lang: "pt-BR" }, row.meaning)],
        [text("what_to_do"), (row) => element("span", { lang: "en" }, row.what_to_do)],
        [text("records"), (row) => number(row.records), true],
      ], aside) : paragraph(text("nothing_set_aside"))),
      card(text("domains"), table(text("domains"), [
        [text("column"), (row) => said(row, "label")],
        [text("values"), (row) => number(row.values), true],
        [text("most_frequent"), (row) => row.top.join(", ")],
        [text("unknown"), (row) => percent(row.unknown, 1), true],
      ], domains)),
      card(text("labels"), labels.length ? table(text("labels"), [
        [text("column"), (row) => row.column],
        [text("label"), (row) => row.label],
        [text("records"), (row) => number(row.records), true],
      ], labels) : paragraph(text("no_labels"))),
      element("div", { class: "two" },
        card(text("unknown_features"), bars(text("unknown_features"), features.map((row) => ({ name: said(row, "label"), share: row.unknown })), text("unknown"))),
        card(text("overlap"), bars(text("overlap"), overlap.map((row) => ({ name: row.family, count: row.customers })), text("customers")))),
    ];
  },

  insights() {
    // One row an action: the findings that advise it, those with most MRR first.
    const actions = new Map();
    for (const finding of DATA.insights.filter((row) => row.in_front)) {
      const found = actions.get(finding.action) || { row: finding, findings: [], customers: 0, mrr: 0 };
      found.findings.push(finding);
      found.customers += finding.customers;
      found.mrr += finding.mrr;
      actions.set(finding.action, found);
    }
    const byMoney = [...actions.values()].sort((one, other) => other.mrr - one.mrr);
    const finding = (row) => element("span", {}, element("i", { class: "dot", "aria-hidden": "true", color: (DATA.personas.find((each) => each.id === row.persona) || {}).color }), said(row, "finding") + (row.is_fitted ? " *" : ""), element("br"), element("span", { class: "soft" }, said(row, "evidence")));
    const all = table(text("insights_all"), [
      ["#", (row) => String(row.rank)],
      [text("finding"), finding],
      [text("kind"), (row) => element("span", { class: "badge" }, text(row.kind))],
      [text("difference"), (row) => `${percent(row.effect)} (${percent(row.low)}–${percent(row.high)})`, true],
      [text("mrr"), (row) => number(row.mrr), true],
      [text("customers"), (row) => number(row.customers), true],
      [text("action"), (row) => said(row, "action")],
    ], DATA.insights);
    return [
      card(text("lists_title"), table(text("lists_note"), [
        [text("list"), (row) => element("span", {}, element("strong", {}, said(row, "label")), element("br"), element("span", { class: "soft" }, said(row, "about")))],
        [text("listed"), (row) => (row.listed === null ? "–" : text("of_all", { n: number(row.listed), all: number(row.customers) })), true],
        [text("mrr"), (row) => number(row.mrr), true],
        [text("priority"), (row) => element("span", {}, number(row.priority), element("br"), element("span", { class: "soft" }, said(row, "priority_label")))],
        [text("priority_share"), (row) => percent(row.share), true],
        [text("file"), (row) => element("code", {}, `lists/${row.file}`)],
      ], DATA.lists.map((row) => ({ ...row, file: `${DATA.is_synthetic ? "synthetic-" : ""}${row.name}.xlsx` })))),
      card(text("insights_title"), ...(byMoney.length ? [table(text("insights_note"), [
        [text("action"), (row) => said(row.row, "action")],
        [text("mrr"), (row) => number(row.mrr), true],
        [text("customers"), (row) => number(row.customers), true],
        [text("finding"), (row) => element("span", { class: "findings" }, ...row.findings.map((each) => element("span", {}, finding(each))))],
      ], byMoney), element("details", {}, element("summary", {}, text("insights_all")), all)] : [paragraph(text("insights_none"))])),
    ];
  },
};

function depth(cells, total) {
  const persona = DATA.personas.find((each) => each.id === state.persona);
  if (!persona) return null;
  const cell = cells.get(persona.id);
  const features = DATA.features.filter((row) => row.persona === persona.id && row.difference !== null)
    .map((row) => ({ ...row, label: said(row, "label") }))
    .sort((one, other) => Math.abs(other.difference) - Math.abs(one.difference));
  return card(`${text("in_depth")}: ${said(persona, "name")}`,
    cell ? facts(cell, total) : paragraph(text(persona.is_found ? "nobody" : "not_found", { least: DATA.smallest_cell })),
    element("div", { class: "two" },
      element("section", {},
        ...["profile", "needs", "action"].flatMap((key) => [element("h3", {}, text(key)), paragraph(said(persona, key))])),
      element("section", {}, element("h3", {}, text("sets_apart")), paragraph(text("sets_apart_note"), "soft"),
        ...(features.length ? chart(text("sets_apart"), {
          height: 22 * features.length,
          data: { values: features.map(({ label, difference }) => ({ label, difference })) },
          mark: { type: "bar", cornerRadius: 3, color: persona.color },
          encoding: {
            y: { field: "label", type: "nominal", sort: features.map((row) => row.label), title: null },
            x: { field: "difference", type: "quantitative", scale: { domain: [-1, 1] }, title: text("difference") },
            tooltip: [{ field: "label", title: text("feature") }, { field: "difference", title: text("difference"), format: ".2f" }],
          },
        }, table(text("sets_apart"), [
          [text("feature"), (row) => row.label],
          [text("median"), (row) => number(row.median, 1), true],
          [text("quartiles"), (row) => `${number(row.low, 1)} – ${number(row.high, 1)}`, true],
          [text("difference"), (row) => number(row.difference, 2), true],
        ], features)) : []))),
    ...why(persona));
}

// What each term adds to the log-odds of the persona against the runner-up, on average.
function why(persona) {
  const rows = DATA.reasons.filter((row) => row.persona === persona.id).map((row) => ({ ...row, label: said(row, "label") }));
  if (!rows.length) return [];
  return [element("h3", {}, text("why")), paragraph(text("why_note"), "soft"), ...chart(text("why"), {
    height: 22 * rows.length,
    data: { values: rows.map(({ label, contribution }) => ({ label, contribution })) },
    mark: { type: "bar", cornerRadius: 3, color: persona.color },
    encoding: {
      y: { field: "label", type: "nominal", sort: rows.map((row) => row.label), title: null },
      x: { field: "contribution", type: "quantitative", title: text("contribution") },
      tooltip: [{ field: "label", title: text("feature") }, { field: "contribution", title: text("contribution"), format: ".2f" }],
    },
  }, table(text("why"), [
    [text("feature"), (row) => row.label],
    [text("contribution"), (row) => number(row.contribution, 2), true],
  ], rows))];
}

function compared(answer, each) {
  if (!each.groups.length) return [];
  const top = each.groups[0];
  const small = (p) => (p < 0.001 ? "< 0,001" : number(p, 3)).replace(",", state.language === "en" ? "." : ",");
  const values = { effect: number(each.effect, 2), p: each.p_adjusted === null ? "" : small(each.p_adjusted), top: value(top.name), share: percent(top.share) };
  let verdict = "nothing_to_compare";
  if (answer.key === "where_is_the_revenue") verdict = "description_only";
  else if (each.effect !== null) {
    if (each.p_adjusted >= 0.05) verdict = "no_difference";
    else verdict = each.effect < 0.1 ? "small_difference" : "differs";
  }
  const rows = each.groups.map((group) => ({ ...group, name: value(group.name) }));
  const sort = answer.key === "where_is_the_revenue" ? null : rows.map((row) => row.name);
  const layer = [{ mark: { type: "bar", color: "#7a93b0", cornerRadiusEnd: 3 }, encoding: { x: { field: "share", type: "quantitative", axis: { format: ".0%" }, title: null } } }];
  if (rows.some((row) => row.low !== null)) layer.push({ mark: { type: "rule", strokeWidth: 2, color: "#1c2430" }, encoding: { x: { field: "low", type: "quantitative" }, x2: { field: "high" } } });
  const label = said(each, "label");
  return [
    element("h3", {}, label), paragraph(text(verdict, values)),
    ...chart(`${said(answer, "question")} ${label}`, {
      height: 22 * Math.min(rows.length, MOST_BARS),
      data: { values: rows.slice(0, MOST_BARS) },
      encoding: { y: { field: "name", type: "nominal", sort, title: null } },
      layer,
    }, table(label, [
      [text("group"), (row) => row.name],
      [text("customers"), (row) => number(row.customers), true],
      [text("share"), (row) => percent(row.share, 1), true],
      [text("interval"), (row) => (row.low === null ? null : `${percent(row.low, 1)} – ${percent(row.high, 1)}`), true],
    ], rows)),
    each.suppressed ? paragraph(text("hidden_note", { n: number(each.suppressed), least: DATA.smallest_cell }), "soft") : null,
  ].filter(Boolean);
}

function bars(label, rows, title) {
  const isShare = rows.some((row) => row.share !== undefined);
  return element("div", {}, ...chart(label, {
    height: 22 * rows.length,
    data: { values: rows },
    mark: { type: "bar", color: "#7a93b0", cornerRadiusEnd: 3 },
    encoding: {
      y: { field: "name", type: "nominal", sort: "-x", title: null },
      x: { field: isShare ? "share" : "count", type: "quantitative", title, axis: { format: isShare ? ".0%" : "~s" } },
    },
  }, table(label, [[text("feature"), (row) => row.name], [title, (row) => (isShare ? percent(row.share) : number(row.count)), true]], rows)));
}

function drawFilters() {
  const form = document.getElementById("filters");
  form.setAttribute("aria-label", text("filters"));
  form.replaceChildren(...FILTERS.map((name) => {
    const select = element("select", { name, onchange: (event) => { state.filters[name] = event.target.value; draw(); form.querySelector(`[name="${name}"]`).focus(); } },
      element("option", { value: "" }, text("all")),
      ...DATA.filters[name].map((each) => element("option", { value: each, selected: state.filters[name] === each }, value(each))));
    return element("label", {}, text(name), select);
  }), element("button", { type: "button", onclick: () => { for (const name of FILTERS) state.filters[name] = ""; draw(); } }, text("clear")));
  form.hidden = !FILTERED.has(state.tab);
  const total = totalOf();
  const count = total ? total.customers - [...chosen().values()].reduce((n, cell) => n + cell.customers, 0) : 0;
  const told = FILTERED.has(state.tab) ? (count ? text("hidden_note", { n: number(count), least: DATA.smallest_cell }) : "") : text("no_filter");
  document.getElementById("hidden").textContent = told;
}

function drawTabs() {
  const list = document.getElementById("tabs");
  list.setAttribute("aria-label", text("tabs"));
  list.replaceChildren(...TABS.map((name) => element("button", {
    type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "panel",
    "aria-selected": String(name === state.tab), tabindex: name === state.tab ? "0" : "-1",
    onclick: () => show(name),
  }, text(`tab_${name}`))));
}

function show(name) {
  state.tab = name;
  history.replaceState(null, "", `#${name}`);
  draw();
  document.getElementById(`tab-${name}`).focus();
}

function draw() {
  document.documentElement.lang = state.language === "pt" ? "pt-BR" : "en";
  document.getElementById("about").textContent = text("about", { day: DATA.as_of_date });
  for (const part of document.querySelectorAll("[data-text]")) part.textContent = text(part.dataset.text);
  for (const part of document.querySelectorAll("[data-label]")) part.setAttribute("aria-label", text(part.dataset.label));
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === state.language));
  const synthetic = document.getElementById("synthetic");
  synthetic.hidden = !DATA.is_synthetic;
  synthetic.textContent = text("synthetic");
  const unfitted = document.getElementById("unfitted");
  unfitted.textContent = whyUnfitted();
  unfitted.hidden = !unfitted.textContent;
  document.getElementById("footer").textContent = text("footer");
  drawTabs();
  drawFilters();
  const panel = document.getElementById("panel");
  panel.setAttribute("aria-labelledby", `tab-${state.tab}`);
  panel.replaceChildren(...sections[state.tab]().filter(Boolean));
}

document.getElementById("tabs").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const at = TABS.indexOf(state.tab);
  if (step) show(TABS[(at + step + TABS.length) % TABS.length]);
  else if (event.key === "Home") show(TABS[0]);
  else if (event.key === "End") show(TABS[TABS.length - 1]);
  else return;
  event.preventDefault();
});
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => { state.language = button.dataset.language; draw(); });
}
if (TABS.includes(location.hash.slice(1))) state.tab = location.hash.slice(1);
draw();
