/**
 * The script of the page: shows samples in place, and the command that gets the same ones. Without
 * it the forms still open pictures. Text of the server is only ever set as `textContent`.
 *
 * @internal
 */
export const pageScript = `'use strict';
// The page may be opened without the slash at its end, which relative addresses need.
const base = location.origin + location.pathname.replace(/\\/?$/, '/');
for (const link of document.querySelectorAll('[data-to]')) link.href = base + link.dataset.to;
const { kind } = document.body.dataset;
const drawn = kind === 'images' || kind === 'translator';
const quoted = (text) => "'" + text.replaceAll("'", "'\\\\''") + "'";

// The request of a form: fields that are left empty are drawn by the server.
const requestOf = (form) => {
  const filled = [...new FormData(form)].filter(([, value]) => value !== '');
  const action = base + form.getAttribute('action');
  if (kind === 'translator') {
    const command = 'curl --data-binary @picture.png -o translation.png ' + quoted(action);
    return { address: action, options: { method: 'POST', body: form.elements.picture.files[0] }, command };
  }
  if (kind !== 'numbers') {
    const address = action + '?' + new URLSearchParams(filled);
    return { address, options: {}, command: 'curl -o samples.' + (drawn ? 'png ' : 'csv ') + quoted(address) };
  }
  const body = '{' + filled.map(([name, value]) => JSON.stringify(name) + ':' + value).join(',') + '}';
  const address = base + 'samples';
  return { address, options: { method: 'POST', body }, command: 'curl -d ' + quoted(body) + ' ' + quoted(address) };
};

for (const form of document.querySelectorAll('form')) {
  const figure = form.nextElementSibling;
  const [picture, numbers, error, command] = ['img', '.numbers', '.error', '.command'].map((part) => figure.querySelector(part));
  let latest = 0;
  const show = async () => {
    const own = (latest += 1);
    const request = requestOf(form);
    figure.setAttribute('aria-busy', 'true');
    let problem = '';
    try {
      const response = await fetch(request.address, request.options);
      const result = drawn && response.ok ? await response.blob() : await response.text();
      if (own !== latest) return;
      if (!response.ok) problem = JSON.parse(result).error;
      else if (drawn) {
        URL.revokeObjectURL(picture.src);
        picture.src = URL.createObjectURL(result);
        picture.hidden = false;
      } else numbers.textContent = result.length > 20000 ? result.slice(0, 20000) + '…' : result;
    } catch (reason) {
      problem = 'The server does not respond: ' + reason.message;
    }
    if (own !== latest) return;
    error.textContent = problem;
    error.hidden = problem === '';
    command.textContent = request.command;
    figure.removeAttribute('aria-busy');
  };
  form.addEventListener('submit', (event) => { event.preventDefault(); show(); });
  form.addEventListener('change', () => { if (form.checkValidity()) show(); });
  form.querySelector('#random')?.addEventListener('click', () => {
    form.elements.seed.value = crypto.getRandomValues(new Uint32Array(1))[0];
    show();
  });
  if (form.checkValidity()) show();
}
`;
