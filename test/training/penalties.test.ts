import * as tf from '@tensorflow/tfjs';
import type { Penalty } from 'tfjs-gan';
import { penaltyContract } from '../contracts/penalty-contract.ts';

/** Memory, randomness, laziness, labels and both kinds of look at the networks, in one. */
const everything = (target: Penalty['target']): Penalty => ({
  name: 'everything',
  target,
  weight: 0.3,
  every: 2,
  slots: ['mean', 'last'],
  settings: { strength: 2 },
  compute: ({ real, fake, labels, weights, random, step, update, discriminate, features }) =>
    tf.tidy(() => {
      const share = random.uniform();
      const between = tf.add(tf.mul(real, share), tf.mul(fake, 1 - share));
      const onBetween = tf.mean(tf.square(discriminate(between)));
      const seen = features();
      const apart = tf.mean(tf.squaredDifference(tf.mean(seen.real, 0), tf.mean(seen.fake, 0)));
      const drift = weights.map(({ value, slots }) =>
        tf.sum(tf.squaredDifference(value, slots[0]!)),
      );
      const classes = tf.mean(labels === undefined ? 0 : labels.toFloat());
      return tf.addN([onBetween, apart, tf.addN(drift), tf.mul(classes, step / update)]).asScalar();
    }),
  remember: ({ value, slots }, update) => [
    tf.tidy(() => tf.add(slots[0]!, tf.div(tf.sub(value, slots[0]!), update))),
    value,
  ],
});

penaltyContract(() => everything('discriminator'));
penaltyContract(() => everything('generator'));
