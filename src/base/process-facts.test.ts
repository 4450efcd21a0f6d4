import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { readProcessFacts } from './process-facts.ts'

test('what the system knows of a process is read where Linux has it', () => {
  using directory = temporaryDirectory()
  const { path } = directory
  assert.equal(readProcessFacts(path), undefined)
  const limits = [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max open files            1024                 4096                 files     ',
    'Max address space         unlimited            unlimited            bytes     ',
  ]
  writeFileSync(join(path, 'limits'), limits.join('\n'))
  writeFileSync(join(path, 'statm'), '3000 200 100 1 0 50 0\n')
  mkdirSync(join(path, 'net'))
  const counters = ['TcpExt: A B', 'TcpExt: 1 2', 'IpExt: A InOctets OutOctets', 'IpExt: 9 300 70']
  writeFileSync(join(path, 'net/netstat'), `${counters.join('\n')}\n`)
  for (const file of ['0', '1', '2']) mkdirSync(join(path, 'fd', file), { recursive: true })
  assert.deepEqual(readProcessFacts(path), {
    openFiles: 3,
    mostOpenFiles: 1024,
    virtualBytes: 3000 * 4096,
    mostVirtualBytes: -1,
    receivedBytes: 300,
    sentBytes: 70,
  })
})
