import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { systemFileSystem } from '../base/file-system.ts'
import { listeningInodes, portOwner } from './port-owner.ts'

test('names the process that has a port', { skip: process.platform !== 'linux' }, async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  assert.match(
    (await portOwner(port, systemFileSystem)) ?? '',
    new RegExp(`process ${process.pid}`),
  )
  server.close()
  await once(server, 'close')
  assert.equal(await portOwner(port, systemFileSystem), undefined)
})

test('takes listening sockets only', () => {
  const table = `  sl  local_address rem_address   st
   0: 0100007F:192B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1
   1: 0100007F:192B 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 4712 1`
  assert.deepEqual(listeningInodes(table, 6443), ['4711'])
})
