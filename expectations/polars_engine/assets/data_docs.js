// What the Data Docs ask of jQuery, Bootstrap, bootstrap-table and Vega, in as much as their pages use it. No network.
(function () {
  "use strict";

  function Found(nodes) { this.nodes = Array.prototype.slice.call(nodes); }
  Found.prototype = {
    each: function (visit) { this.nodes.forEach(function (node, i) { visit.call(node, i, node); }); return this; },
    parent: function () { return new Found(this.nodes.map(function (n) { return n.parentElement; }).filter(Boolean)); },
    find: function (selector) {
      return new Found([].concat.apply([], this.nodes.map(function (n) {
        return Array.prototype.slice.call(n.querySelectorAll(selector));
      })));
    },
    fadeIn: function () { return this.each(function (_, node) { node.style.display = ""; }); },
    fadeOut: function () { return this.each(function (_, node) { node.style.display = "none"; }); },
    prepend: function (html) { return this.each(function (_, n) { n.insertAdjacentHTML("afterbegin", html); }); },
    data: function (key) { return this.nodes.length ? this.nodes[0].getAttribute("data-" + key) : undefined; },
    ready: function (act) { onReady(act); return this; },
    on: function () { return this; },
    popover: function () { return this; },
    tooltip: function () { return this; },
    scrollspy: function () { return this; },
    bootstrapTable: function (options) {
      if (typeof options === "object") { this.each(function (_, node) { fillTable(node, options); }); }
      return this;
    }
  };

  function onReady(act) {
    if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", act); } else { act(); }
  }

  function select(what) {
    if (typeof what === "function") { onReady(what); return new Found([]); }
    return new Found(typeof what === "string" ? document.querySelectorAll(what) : [what]);
  }

  // The rows come from Great Expectations, which escapes what comes from data.
  function fillTable(table, options) {
    var columns = options.columns || [];
    var head = table.createTHead().insertRow();
    columns.forEach(function (column) {
      var cell = document.createElement("th");
      cell.textContent = column.title || "";
      head.appendChild(cell);
    });
    var body = table.createTBody();
    (options.data || []).forEach(function (row) {
      var line = body.insertRow();
      columns.forEach(function (column) {
        var value = row[column.field];
        line.insertCell().innerHTML = value === undefined || value === null ? "" : String(value);
      });
      if (row._table_row_link_path) {
        line.className = "clickable-row";
        var first = line.cells[line.cells.length > 1 ? 1 : 0];
        first.innerHTML = '<a href="' + encodeURI(row._table_row_link_path) + '">' + first.innerHTML + "</a>";
        line.addEventListener("click", function () { window.location = row._table_row_link_path; });
      }
    });
  }

  // A chart's numbers as a table.
  function showNumbers(selector, chart) {
    var place = document.querySelector(selector);
    var sets = chart.datasets || {};
    var rows = Object.keys(sets).length ? sets[Object.keys(sets)[0]] : (chart.data && chart.data.values) || [];
    if (place && rows.length) {
      var table = document.createElement("table");
      var names = Object.keys(rows[0]);
      fillTable(table, { columns: [], data: [] });
      var head = table.tHead.rows[0];
      names.forEach(function (name) {
        head.appendChild(document.createElement("th")).textContent = name;
      });
      rows.forEach(function (row) {
        var line = table.tBodies[0].insertRow();
        names.forEach(function (name) { line.insertCell().textContent = row[name]; });
      });
      place.appendChild(table);
    }
    return Promise.resolve();
  }

  onReady(function () {
    document.addEventListener("click", function (event) {
      var link = event.target.closest && event.target.closest("[data-toggle]");
      if (!link) { return; }
      var target = link.getAttribute("href") && document.getElementById(link.getAttribute("href").slice(1));
      if (link.dataset.toggle === "collapse" && target) { event.preventDefault(); target.classList.toggle("show"); }
      if (link.dataset.toggle === "tab" && target) {
        event.preventDefault();
        document.querySelectorAll("[data-toggle=tab], .tab-pane").forEach(function (n) { n.classList.remove("active"); });
        link.classList.add("active");
        target.classList.add("active");
      }
    });
  });

  window.$ = window.jQuery = select;
  window.vegaEmbed = showNumbers;
})();
