(function () {
  'use strict';
  var root = document.documentElement;
  function all(selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
  }

  // Light and dark.
  var theme = document.getElementById('theme');
  function isDark() {
    var chosen = root.getAttribute('data-theme');
    return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  }
  theme.hidden = false;
  theme.addEventListener('click', function () {
    root.setAttribute('data-theme', isDark() ? 'light' : 'dark');
    theme.textContent = isDark() ? 'Light' : 'Dark';
  });
  theme.textContent = isDark() ? 'Light' : 'Dark';

  // Filters by format and algorithm.
  var bar = document.getElementById('bar');
  var chosenPair = '';
  var chosenAlgorithm = '';
  function apply() {
    all('[data-pair],[data-algorithm]').forEach(function (element) {
      var pair = element.getAttribute('data-pair');
      var algorithm = element.getAttribute('data-algorithm');
      element.hidden = (chosenPair !== '' && pair !== null && pair !== chosenPair)
        || (chosenAlgorithm !== '' && algorithm !== null && algorithm !== ''
          && algorithm !== chosenAlgorithm);
    });
    all('#matrix [data-group]').forEach(function (cell) {
      cell.hidden = chosenPair !== '' && cell.getAttribute('data-group') !== chosenPair;
    });
    // A line that says nothing about the chosen format has no place.
    all('#matrix tbody tr').forEach(function (row) {
      if (row.hidden) { return; }
      row.hidden = !all('td[data-group]', row).some(function (cell) {
        return !cell.hidden && cell.textContent !== '';
      });
    });
    all('#bar button').forEach(function (button) {
      button.setAttribute('aria-pressed', String(button.value === chosenPair));
    });
  }
  if (bar) {
    bar.hidden = false;
    all('button', bar).forEach(function (button) {
      button.addEventListener('click', function () { chosenPair = button.value; apply(); });
    });
    var select = bar.querySelector('select');
    if (select) {
      select.addEventListener('change', function () { chosenAlgorithm = select.value; apply(); });
    }
    // So many plots are read one format at a time, and so are wide tables on narrow screens.
    var preferred = bar.getAttribute('data-preferred');
    if (preferred && (all('svg.plot').length > 24 || innerWidth < 640)) {
      chosenPair = preferred;
    }
    apply();
  }

  // Sorting.
  all('table.sortable').forEach(function (table) {
    var heads = all('thead th[data-column]', table);
    var body = table.tBodies[0];
    heads.forEach(function (head) {
      head.querySelector('button').addEventListener('click', function () {
        var ascending = head.getAttribute('aria-sort') !== 'ascending';
        var column = Number(head.getAttribute('data-column'));
        heads.forEach(function (other) { other.setAttribute('aria-sort', 'none'); });
        head.setAttribute('aria-sort', ascending ? 'ascending' : 'descending');
        function key(row) {
          var text = row.cells[column].getAttribute('data-v');
          if (text === null) { return row.cells[column].textContent; }
          return text === '' ? null : Number(text);
        }
        var rows = all('tr', body);
        rows.forEach(function (row) { row.classList.remove('new'); });
        rows.sort(function (a, b) {
          var left = key(a), right = key(b);
          // What has no figure stands last either way.
          if (left === null || right === null) {
            return (left === null ? 1 : 0) - (right === null ? 1 : 0);
          }
          var order = left > right ? 1 : right > left ? -1 : 0;
          return ascending ? order : -order;
        });
        rows.forEach(function (row) { body.appendChild(row); });
      });
    });
  });

  // Tooltips of marks: at once, and by touch.
  var tip = document.getElementById('tip');
  function show(event) {
    var mark = event.target.closest ? event.target.closest('svg.plot path.k') : null;
    var title = mark ? mark.querySelector('title') : null;
    if (!title) { tip.className = ''; return; }
    tip.textContent = title.textContent;
    tip.className = 'on';
    var box = mark.getBoundingClientRect();
    var left = Math.min(Math.max(8, box.left - tip.offsetWidth / 2), innerWidth - tip.offsetWidth - 8);
    var top = box.top - tip.offsetHeight - 8;
    tip.style.left = left + 'px';
    tip.style.top = (top > 4 ? top : box.bottom + 8) + 'px';
  }
  document.addEventListener('pointerover', show);
  document.addEventListener('pointerdown', show);
  addEventListener('scroll', function () { tip.className = ''; }, { passive: true });

  // Copying.
  all('.cmd').forEach(function (command) {
    var button = command.querySelector('button');
    var code = command.querySelector('code');
    button.hidden = false;
    button.addEventListener('click', function () {
      function done(isCopied) {
        button.textContent = isCopied ? 'Copied' : 'Press Ctrl+C';
        setTimeout(function () { button.textContent = 'Copy'; }, 1600);
      }
      function byHand() {
        var range = document.createRange();
        range.selectNodeContents(code);
        var selection = getSelection();
        selection.removeAllRanges();
        selection.addRange(range);
        var isCopied = false;
        try { isCopied = document.execCommand('copy'); } catch (error) { isCopied = false; }
        done(isCopied);
      }
      if (navigator.clipboard) {
        navigator.clipboard.writeText(code.textContent).then(function () { done(true); }, byHand);
      } else {
        byHand();
      }
    });
  });

  // Paper shows what a screen folds away, as far as it is shown at all.
  var opened = [];
  addEventListener('beforeprint', function () {
    opened = all('details:not([open])').filter(function (one) { return one.offsetParent !== null; });
    if (opened.length > 40) { opened = []; }
    opened.forEach(function (one) { one.open = true; });
  });
  addEventListener('afterprint', function () {
    opened.forEach(function (one) { one.open = false; });
  });
})();
