import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { VERSION } from '../src/cluster/version.ts'

test('the program and its package have one version', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  assert.equal(VERSION, version)
})
