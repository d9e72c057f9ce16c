import * as tf from '@tensorflow/tfjs';
import { adam, defineGame, HingeLoss, mlpDiscriminator, mlpGenerator } from 'tfjs-gan';

/** Points of a ring whose shadow on the x-axis should be as wide as that of a grid. */
export function shadowGame({ weight = 1, adversarialFrom = 100, seed = 42 } = {}) {
  const hinge = new HingeLoss();
  const generator = mlpGenerator({ sampleShape: [2], latentSize: 2, seed });
  const shadow = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  tf.tidy(() => {
    shadow.setWeights([tf.tensor2d([[1], [0]]), tf.zeros([1])]);
  });
  const inputs = { points: { kind: 'tensor' } } as const;
  return defineGame({
    name: 'shadow',
    settings: { weight, adversarialFrom },
    networks: {
      generator: { network: generator, optimizer: adam(), ema: { decay: 0.99 } },
      critic: { network: mlpDiscriminator({ sampleShape: [2], seed }), optimizer: adam() },
      // Without an optimizer a network is frozen.
      shadow: { network: { model: shadow, inputs, outputs: ['x'] as const } },
    },
    batch: { samples: { shape: [2] }, grid: { shape: [2] } },
    turns: [
      {
        name: 'critic',
        updates: 'critic',
        terms: (pass) => {
          const fake = pass.run('generator', pass.latents('generator'), { detached: true });
          pass.keep('fake', fake.samples);
          const real = pass.run('critic', { samples: pass.batch.samples });
          return { hinge: hinge.discriminator(real.logits, pass.run('critic', fake).logits) };
        },
      },
      {
        name: 'generator',
        updates: 'generator',
        terms: (pass) => {
          const { samples } = pass.run('generator', pass.latents('generator'));
          const width = (points: tf.Tensor) =>
            tf.moments(pass.run('shadow', { points }).x).variance;
          pass.metric('width/fake', () => width(pass.kept('fake')));
          pass.metric('width/grid', () => width(pass.batch.grid));
          const miss = tf.squaredDifference(width(samples), width(pass.batch.grid));
          // A phase: at first the generator learns only the width.
          const isAdversarial = pass.progress.step >= adversarialFrom;
          const { logits } = pass.run('critic', { samples });
          return {
            width: tf.mul(miss, weight),
            hinge: isAdversarial ? hinge.generator(logits) : undefined,
          };
        },
      },
    ],
    generators: { samples: generator },
  });
}
