/**
 * Seconds per training step of the tutorial's DCGAN in jax-js on its WebAssembly device.
 * Usage: node jax_dcgan_step.mjs [batch] [steps]; needs Node 24 and `npm install --no-save @jax-js/jax`. Prints one JSON line.
 *
 * One step = one discriminator update with a fresh fake batch, and one generator update with another. Adam 2e-4, β1 .5; BCE on logits.
 */
import {
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  random,
  tree,
  valueAndGrad,
} from '@jax-js/jax';

const [batch = 64, steps = 3] = process.argv.slice(2).map(Number);
await init('wasm');
defaultDevice('wasm');
let key = random.key(1);
const next = () => {
  const [first, second] = np.unstack(random.split(key, 2));
  key = first;
  return second;
};
const weight = (...shape) => random.normal(next(), shape).mul(0.02);
const generator = {
  dense: weight(100, 6272),
  scale0: np.ones([6272]),
  offset0: np.zeros([6272]),
  up1: weight(128, 128, 5, 5),
  scale1: np.ones([128]),
  offset1: np.zeros([128]),
  up2: weight(64, 128, 5, 5),
  scale2: np.ones([64]),
  offset2: np.zeros([64]),
  out: weight(1, 64, 5, 5),
  bias: np.zeros([1]),
};
const discriminator = {
  conv1: weight(64, 1, 5, 5),
  bias1: np.zeros([64]),
  conv2: weight(128, 64, 5, 5),
  bias2: np.zeros([128]),
  dense: weight(6272, 1),
  bias: np.zeros([1]),
};

function norm(x, scale, offset, axes) {
  const shape = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const mean = np.mean(x.ref, axes, { keepdims: true });
  const variance = np.var_(x.ref, axes, { keepdims: true });
  return x
    .sub(mean)
    .div(np.sqrt(variance.add(1e-5)))
    .mul(scale.reshape(shape))
    .add(offset.reshape(shape));
}
const up = (x, w) =>
  lax.convGeneralDilated(
    x,
    w,
    [1, 1],
    [
      [2, 3],
      [2, 3],
    ],
    { lhsDilation: [2, 2] },
  );
function generate(p, z) {
  let x = nn
    .relu(norm(np.matmul(z, p.dense), p.scale0, p.offset0, [0]))
    .reshape([batch, 128, 7, 7]);
  x = nn.relu(norm(up(x, p.up1), p.scale1, p.offset1, [0, 2, 3]));
  x = nn.relu(norm(up(x, p.up2), p.scale2, p.offset2, [0, 2, 3]));
  x = lax.convGeneralDilated(
    x,
    p.out,
    [1, 1],
    [
      [2, 2],
      [2, 2],
    ],
  );
  return np.tanh(x.add(p.bias.reshape([1, 1, 1, 1])));
}
const leaky = (x) => np.maximum(x.ref, x.mul(0.2));
function judge(p, x) {
  let h = leaky(
    lax
      .convGeneralDilated(
        x,
        p.conv1,
        [2, 2],
        [
          [2, 2],
          [2, 2],
        ],
      )
      .add(p.bias1.reshape([1, 64, 1, 1])),
  );
  h = leaky(
    lax
      .convGeneralDilated(
        h,
        p.conv2,
        [2, 2],
        [
          [2, 2],
          [2, 2],
        ],
      )
      .add(p.bias2.reshape([1, 128, 1, 1])),
  );
  return np.matmul(h.reshape([batch, 6272]), p.dense).add(p.bias);
}
const softplus = (x) => np.log1p(np.exp(np.absolute(x.ref).neg())).add(np.maximum(x, 0));
const dLoss = (p, real, fake) =>
  np.mean(softplus(judge(tree.ref(p), real).neg())).add(np.mean(softplus(judge(p, fake))));
const gLoss = (p, d, z) => np.mean(softplus(judge(d, generate(p, z)).neg()));
const zeros = (p) => tree.map((x) => np.zerosLike(x), p);
const state = {
  g: generator,
  d: discriminator,
  gm: zeros(tree.ref(generator)),
  gv: zeros(tree.ref(generator)),
  dm: zeros(tree.ref(discriminator)),
  dv: zeros(tree.ref(discriminator)),
};
const make = jit(generate);
const dGrad = jit(valueAndGrad(dLoss));
const gGrad = jit(valueAndGrad(gLoss));
const update = jit((w, m, v, g, rate) => {
  const m2 = m.mul(0.5).add(g.ref.mul(0.5));
  const v2 = v.mul(0.999).add(g.ref.mul(g).mul(0.001));
  return [w.sub(m2.ref.div(np.sqrt(v2.ref).add(1e-7)).mul(rate)), m2, v2];
});
let t = 0;
function apply(which, gradients) {
  const rate = (2e-4 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.5 ** t);
  const w = state[which],
    m = state[`${which}m`],
    v = state[`${which}v`];
  for (const name of Object.keys(w)) {
    [w[name], m[name], v[name]] = update(
      w[name],
      m[name],
      v[name],
      gradients[name],
      np.array(rate),
    );
  }
}
const real = random.uniform(next(), [batch, 1, 28, 28]).mul(2).sub(1);
async function step() {
  t += 1;
  const fake = make(tree.ref(state.g), random.normal(next(), [batch, 100]));
  const [dl, dg] = dGrad(tree.ref(state.d), real.ref, fake);
  apply('d', dg);
  const [gl, gg] = gGrad(tree.ref(state.g), tree.ref(state.d), random.normal(next(), [batch, 100]));
  apply('g', gg);
  await Promise.all([dl.data(), gl.data()]);
}
const times = [];
for (let i = 0; i < steps + 1; i += 1) {
  const begin = performance.now();
  await step();
  const seconds = (performance.now() - begin) / 1000;
  if (i > 0) times.push(seconds);
}
times.sort((a, b) => a - b);
const rounded = (seconds) => Number(seconds.toFixed(2));
console.log(
  JSON.stringify({
    engine: 'jax-js',
    batch,
    median_s: rounded(times[times.length >> 1]),
    min_s: rounded(times[0]),
  }),
);
