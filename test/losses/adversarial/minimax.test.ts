import { MinimaxLoss } from 'tfjs-gan';
import { equalsGoldenLoss } from '../../contracts/golden-loss.ts';
import { lossContract } from '../../contracts/loss-contract.ts';

lossContract(() => new MinimaxLoss());
equalsGoldenLoss('minimax', () => new MinimaxLoss());
