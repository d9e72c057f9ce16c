/**
 * The script of a report: reads values off the charts, shows and hides curves, steps through the
 * images, and reloads while the run continues. Without it the page still shows everything except
 * single values.
 *
 * External text is only ever set as `textContent`.
 *
 * @internal
 */
export const pageScript = `'use strict';
const report = JSON.parse(document.getElementById('report').textContent);
const remembered = (() => { try { return sessionStorage; } catch { return undefined; } })();
const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });

for (const chart of document.querySelectorAll('[data-chart]')) {
  const { low, high, steps, curves } = report.charts[chart.dataset.chart];
  const { left, right } = report.plot;
  const [svg, cursor, reading] = ['svg', '.cursor', '.reading'].map((part) => chart.querySelector(part));
  let place = -1;
  const isOn = (button) => button.getAttribute('aria-pressed') === 'true';
  const hidden = (i) => !isOn(chart.querySelector('button[data-curve="' + i + '"]'));
  const show = (to) => {
    if (steps.length === 0) return;
    place = Math.min(steps.length - 1, Math.max(0, to));
    const x = left + ((steps[place] - low) / (high - low)) * (right - left);
    cursor.setAttribute('transform', 'translate(' + x + ' 0)');
    cursor.style.visibility = 'visible';
    reading.replaceChildren('step ', element('b', steps[place].toLocaleString('en')));
    curves.forEach(({ name, values }, i) => {
      if (!hidden(i) && values[place] !== null) reading.append(name + ' ', element('b', values[place]));
    });
  };
  const hide = () => { cursor.style.visibility = 'hidden'; reading.replaceChildren(); };
  const nearest = (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
    const step = low + ((x - left) / (right - left)) * (high - low);
    let best = 0;
    steps.forEach((one, i) => { if (Math.abs(one - step) < Math.abs(steps[best] - step)) best = i; });
    return best;
  };
  svg.addEventListener('pointermove', (event) => show(nearest(event)));
  svg.addEventListener('pointerdown', (event) => show(nearest(event)));
  svg.addEventListener('pointerleave', hide);
  svg.addEventListener('focus', () => { if (svg.matches(':focus-visible')) show(place < 0 ? steps.length - 1 : place); });
  svg.addEventListener('blur', hide);
  svg.addEventListener('keydown', (event) => {
    const far = event.shiftKey ? 20 : 1;
    const to = { ArrowLeft: place - far, ArrowRight: place + far, Home: 0, End: steps.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(to);
  });
  for (const button of chart.querySelectorAll('button')) {
    const line = chart.querySelector('g[data-curve="' + button.dataset.curve + '"]');
    const key = 'curve ' + chart.querySelector('h3').textContent + ' ' + button.textContent;
    const toggle = (on) => { button.setAttribute('aria-pressed', on); line.style.display = on ? '' : 'none'; };
    button.addEventListener('click', () => {
      toggle(!isOn(button));
      remembered?.setItem(key, isOn(button));
    });
    if (remembered?.getItem(key) === 'false') toggle(false);
  }
}

report.figures.forEach(({ title, pictures }, figure) => {
  if (pictures.length < 2) return;
  const samples = document.querySelectorAll('.samples')[figure];
  const [picture, slider, shown, play] = ['img', 'input', 'output', 'button'].map((part) => samples.querySelector(part));
  const newest = pictures.length - 1;
  const key = 'picture ' + title;
  pictures[newest].url = picture.src;
  const show = () => {
    const { step, url } = pictures[slider.value];
    picture.src = url;
    picture.alt = title + ' after step ' + step;
    shown.textContent = 'step ' + step.toLocaleString('en');
    slider.setAttribute('aria-valuetext', shown.textContent);
    remembered?.setItem(key, slider.value == newest ? '' : step);
  };
  const kept = remembered?.getItem(key);
  const at = kept ? pictures.findIndex(({ step }) => String(step) === kept) : -1;
  if (at >= 0) { slider.value = at; show(); }
  slider.addEventListener('input', show);
  let timer;
  const stop = () => { clearInterval(timer); timer = undefined; play.textContent = 'Play'; };
  play.addEventListener('click', () => {
    if (timer !== undefined) return stop();
    play.textContent = 'Stop';
    if (slider.value == newest) slider.value = 0;
    show();
    timer = setInterval(() => {
      slider.value = Number(slider.value) + 1;
      show();
      if (slider.value == newest) stop();
    }, Math.max(80, Math.min(400, 8000 / newest)));
  });
  samples.querySelector('.controls').hidden = false;
});

if (report.running) {
  const written = Date.parse(report.writtenAt);
  const silent = (Date.now() - written) / 1000;
  const state = document.querySelector('.state');
  if (silent > Math.max(120, 4 * report.nextWithin)) {
    const minutes = Math.round(silent / 60);
    state.textContent = 'No update for ' + (minutes < 100 ? minutes + ' minutes' : Math.round(minutes / 60) + ' hours');
    state.className = 'state warn';
    document.querySelector('.silent').hidden = false;
    document.querySelector('.verdict').hidden = true;
  }
  const live = document.querySelector('.live');
  const box = live.querySelector('input');
  let touched = -Infinity;
  for (const kind of ['pointermove', 'keydown', 'scroll', 'wheel']) addEventListener(kind, () => { touched = performance.now(); }, { passive: true });
  box.checked = remembered?.getItem('live') !== 'false';
  box.addEventListener('change', () => remembered?.setItem('live', box.checked));
  live.hidden = false;
  setInterval(() => {
    // Not while the reader is using the page.
    if (box.checked && !document.hidden && performance.now() - touched > 5000) location.reload();
  }, 1000 * Math.max(10, Math.min(120, report.nextWithin)));
}
`;

/**
 * The SHA-256 of {@link pageScript}, the only script that the page allows; a test prints it.
 *
 * @internal
 */
export const pageScriptHash = 'HWFaaytmhr/KdMslQtYkSMYCIhHKGxqm/rrj++3I0qg=';
