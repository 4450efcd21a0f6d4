// Writes dist/program.cache: the bytecode of all that a start runs. A cluster is started for it,
// in memory and without containers; it lets go of whoever forked it when it is ready.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadProgram } from '../dist/load-program.mjs'
import { root } from './repository.mjs'

const directory = mkdtempSync(join(tmpdir(), 'wherry-code-cache-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
process.argv.splice(
  1,
  Infinity,
  ...[join(root, 'dist/wherry.mjs'), 'up', '--memory', '--runtime', 'simulated'],
  ...['--port', '0', '--no-kubeconfig', '--data-dir', directory],
)
const program = loadProgram(join(root, 'dist/program.cjs'))
process.on('disconnect', () => {
  writeFileSync(join(root, 'dist/program.cache'), program.script.createCachedData())
  process.exit()
})
program.run()
