import * as tf from '@tensorflow/tfjs';
import type { Constraint } from 'tfjs-gan';
import { constraintContract } from '../contracts/constraint-contract.ts';

/**
 * A rule that uses all of its moments: the model computes with half of what is learned, which lies in the state between
 * steps, and every update is counted.
 */
const halving = (target: Constraint['target']): Constraint => ({
  name: 'halving',
  target,
  settings: { by: 2 },
  attach: (model, _player, seed) => {
    const weight = model.layers.at(-1).weights[0]!;
    const variable = weight.read() as unknown as tf.Variable;
    const holder = weight as unknown as { val: tf.Tensor };
    const state = new Map<string, tf.Tensor>();
    const put = (name: string, value: tf.Tensor): void => {
      const held = state.get(name);
      state.set(name, tf.keep(value.clone()));
      held?.dispose();
    };
    const count = (name: string): void => {
      tf.tidy(() => {
        put(name, tf.add(state.get(name)!, 1));
      });
    };
    tf.tidy(() => {
      put('raw', variable);
      for (const name of ['updates', 'seed']) put(name, tf.scalar(name === 'seed' ? seed : 0));
    });
    return {
      state,
      setState: put,
      beforeStep: () => {
        variable.assign(state.get('raw')!);
      },
      whilePassing: (pass) => {
        holder.val = tf.div(variable, 2);
        try {
          return pass();
        } finally {
          holder.val = variable;
        }
      },
      afterUpdate: () => {
        count('updates');
      },
      afterStep: () => {
        put('raw', variable);
        tf.tidy(() => {
          variable.assign(tf.div(variable, 2));
        });
      },
      observe: () => ({ updates: state.get('updates')!.clone() as tf.Scalar }),
      dispose: () => {
        tf.dispose([...state.values()]);
      },
    };
  },
});

constraintContract(() => halving('discriminator'));
constraintContract(() => halving('generator'));
constraintContract(() => halving('both'));
