// Replays the simulations with one seed: `npm run sim -- --seed 21 [words of file names]`. Without
// a seed it takes a new one and says which, so that what it finds can be repeated.
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './repository.mjs'

const { values, positionals } = parseArgs({
  options: { seed: { type: 'string' } },
  allowPositionals: true,
})
const seed = values.seed ?? `${randomInt(2 ** 31)}`
if (!/^[0-9]+$/.test(seed)) {
  console.error(`sim: a seed is a whole number, not ${seed}`)
  process.exit(2)
}
console.log(`seed ${seed}`)
const files = (positionals.length > 0 ? positionals : ['']).map((word) => `test/simulation/${word}`)
const { status } = spawnSync('node', [join(root, 'scripts', 'test.mjs'), ...files], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, WHERRY_SEED: seed },
})
process.exit(status ?? 1)
