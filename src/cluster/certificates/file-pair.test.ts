import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { createTlsIdentities } from '../../../test/support/tls-identities.ts'
import { systemFileSystem } from '../../base/file-system.ts'
import { filePair } from './file-pair.ts'

test('the newest whole pair of two files is used', async () => {
  using directory = temporaryDirectory()
  const folder = directory.path
  const identities = await createTlsIdentities()
  const [first, second] = [await identities.client('a', []), await identities.client('b', [])]
  const [certificate, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  await assert.rejects(filePair(certificate, key, systemFileSystem), /ENOENT/)
  await Promise.all([writeFile(certificate, first.certificate), writeFile(key, first.key)])
  const pair = await filePair(certificate, key, systemFileSystem)
  assert.deepEqual(await pair(), { certificate: first.certificate, key: first.key })
  await writeFile(certificate, second.certificate)
  assert.equal((await pair()).certificate, first.certificate, 'its key has not come yet')
  await writeFile(key, second.key)
  assert.deepEqual(await pair(), { certificate: second.certificate, key: second.key })
  await rm(key)
  assert.equal((await pair()).certificate, second.certificate)
})
