#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadProgram } from './load-program.ts'

const fileBeside = (name: string) => fileURLToPath(new URL(name, import.meta.url))

loadProgram(fileBeside('program.cjs'), codeCache()).run()

/** What the build has compiled; without it everything works, only later. */
function codeCache(): Buffer | undefined {
  try {
    return readFileSync(fileBeside('program.cache'))
  } catch {
    return undefined
  }
}
