/**
 * Writes test/golden/recipes.json: what the weights of each recipe are after twenty steps, and which kernels made them.
 * Run it only for a change that is meant to change numbers or kernels, and say so in its commit.
 *
 *     npx tsx scripts/record-recipes.ts
 */
import { writeFileSync } from 'node:fs';
import { places, recordRecipe, type RecipeRecord } from '../test/support/record-recipe.ts';
import { recipes } from '../test/support/recipes.ts';

const records: Record<string, Record<string, RecipeRecord>> = {};
for (const [place, start] of Object.entries(places)) {
  await start();
  const here: Record<string, RecipeRecord> = (records[place] = {});
  for (const [name, recipe] of Object.entries(recipes)) {
    here[name] = await recordRecipe(recipe);
    console.log(place, name, here[name]);
  }
}
const file = new URL('../test/golden/recipes.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(records, null, 2)}\n`);
process.exit();
