import { expect, test } from 'vitest';
import { defineGame } from '../../src/games/game.ts';

test('defineGame returns the game it is given', () => {
  const game = { name: 'none', networks: {}, batch: {}, turns: [], generators: {} };
  expect(defineGame(game)).toBe(game);
});
