import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lockMachine, MachineInUseError } from './machine-lock.ts'

test('one cluster at a time has the machine’s network', async (t) => {
  if (process.platform !== 'linux') return t.skip('abstract sockets exist on Linux only')
  let first: Disposable
  try {
    first = await lockMachine()
  } catch (error) {
    if (error instanceof MachineInUseError) return t.skip('a cluster runs on this machine')
    throw error
  }
  await assert.rejects(lockMachine(), MachineInUseError)
  first[Symbol.dispose]()
  ;(await lockMachine())[Symbol.dispose]()
})
