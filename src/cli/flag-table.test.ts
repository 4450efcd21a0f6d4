import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command } from 'commander'
import { flagValuesOf, withFlags } from './flag-table.ts'

test('flags are shown with their values: given, usual, or none', () => {
  const command = withFlags(new Command('server').option('--port <port>', 'p', Number, 6443), 'H', [
    ['--modes <modes...>', 'in their order', 'Node,RBAC'],
    ['--names <names...>', 'of somebody'],
    ['--keep [boolean]', 'for ever', 'true'],
    ['--dry [boolean]', 'nothing is done'],
    ['--file <file>', 'where it is'],
    ['--ttl <time>', 'how long', '2m0s'],
    ['--count <count>', 'how many', '3'],
  ])
  const usual = {
    port: '6443',
    modes: '[Node,RBAC]',
    names: '[]',
    keep: 'true',
    dry: 'false',
    file: '',
    ttl: '2m0s',
    count: '3',
  }
  assert.deepEqual(Object.fromEntries(flagValuesOf(command)), usual)
  assert.match(command.helpInformation(), /in their order \(Node,RBAC\)/)
  const given = ['--modes', 'ABAC', '--names=a,b', '--keep=false', '--dry', '--count', '7']
  command.parse(given, { from: 'user' })
  assert.deepEqual(Object.fromEntries(flagValuesOf(command)), {
    ...usual,
    modes: '[ABAC]',
    names: '[a,b]',
    keep: 'false',
    dry: 'true',
    count: '7',
  })
})
