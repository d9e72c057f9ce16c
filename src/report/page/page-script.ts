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
const drawing = (name, settings) => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(settings)) made.setAttribute(key, value);
  return made;
};

// The numbers of an axis, as the page was drawn with.
const decimals = (step) => Math.min(12, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
const labelOf = (value, step, size) => {
  if (size >= 1e10 || size < 1e-3) {
    const power = 10 ** Math.floor(Math.log10(Math.abs(value)) + 1e-9);
    return value.toExponential(decimals(step / power)).replace('e+', 'e');
  }
  if (size >= 1e6) return (value / 1e6).toFixed(decimals(step / 1e6)) + 'M';
  if (size >= 1e4) return (value / 1e3).toFixed(decimals(step / 1e3)) + 'k';
  return value.toFixed(decimals(step));
};
const roundTicks = (low, high) => {
  const least = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = ([1, 2, 5].find((round) => round * power >= least * (1 - 1e-9)) ?? 10) * power;
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  const size = Math.max(Math.abs(first), Math.abs(last)) * step;
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const value = (first + i) * step;
    return { value, label: first + i === 0 ? '0' : labelOf(value, step, size) };
  });
};
const powerTicks = (low, high) => {
  const [first, last] = [Math.floor(low + 1e-9), Math.ceil(high - 1e-9)];
  const step = Math.ceil((last - first) / 5) || 1;
  return Array.from({ length: Math.max(2, Math.ceil((last - first) / step) + 1) }, (_, i) => {
    const value = first + i * step;
    return { value, label: value >= -3 && value <= 3 ? String(Number((10 ** value).toFixed(3))) : '1e' + value };
  });
};

for (const chart of document.querySelectorAll('[data-chart]')) {
  const { low, high, axis, frames, powers, steps, curves } = report.charts[chart.dataset.chart];
  const { left, right, top, bottom } = report.plot;
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
  const ticks = chart.querySelector('.ticks');
  const asDrawn = [...ticks.childNodes];
  // Shown curves fill the chart; with all of them it is as it was drawn.
  const rescale = () => {
    const shown = frames.filter((_, i) => !hidden(i));
    const all = shown.length === 0 || shown.length === frames.length;
    const made = all ? [] : (powers ? powerTicks : roundTicks)(Math.min(...shown.map(([from]) => from)), Math.max(...shown.map(([, to]) => to)));
    const [from, to] = all ? axis : [made[0].value, made.at(-1).value];
    const y = (value) => bottom + ((value - from) / (to - from)) * (top - bottom);
    const stretch = (axis[1] - axis[0]) / (to - from);
    const lines = chart.querySelector('.lines');
    if (all) lines.removeAttribute('transform');
    else lines.setAttribute('transform', 'matrix(1 0 0 ' + stretch + ' 0 ' + (y(axis[0]) - stretch * bottom) + ')');
    ticks.replaceChildren(...(all ? asDrawn : made.flatMap(({ value, label }) => {
      const text = drawing('text', { x: left - 8, y: y(value) + 4, 'text-anchor': 'end' });
      text.textContent = label.replace('-', '\u2212');
      return [drawing('path', { class: 'grid', d: 'M' + left + ' ' + y(value) + 'H' + right }), text];
    })));
  };
  for (const button of chart.querySelectorAll('button')) {
    const line = chart.querySelector('g[data-curve="' + button.dataset.curve + '"]');
    const key = 'curve ' + chart.querySelector('h3').textContent + ' ' + button.textContent;
    const toggle = (on) => { button.setAttribute('aria-pressed', on); line.style.display = on ? '' : 'none'; rescale(); };
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
export const pageScriptHash = 'nRxlDaEBNe6a8E0FdPyycmSl2pifR1EGLcgUbCjIOps=';
