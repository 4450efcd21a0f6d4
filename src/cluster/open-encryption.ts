import { defaultConfiguration } from '../apiserver/encryption/default-configuration.ts'
import { Encryption } from '../apiserver/encryption/encryption.ts'
import type { KeyStore } from './certificates/cluster-certificates.ts'
import type { ServerOptions } from './cluster-options.ts'

/** An EncryptionConfiguration, beside the cluster's other keys. */
export const ENCRYPTION_FILE = 'encryption.yaml'

/**
 * How this cluster encrypts what it stores. Its first start makes a key of its own for Secrets;
 * whoever wants something else, or a new key, edits the file.
 */
export async function openEncryption(
  keys: KeyStore,
  { random, files, security = {} }: ServerOptions,
): Promise<Encryption> {
  const { encryptionProviderConfig: path } = security
  if (path !== undefined) {
    return Encryption.parse(Buffer.from(await files.readFile(path)).toString(), random)
  }
  const kept = await keys.read(ENCRYPTION_FILE)
  if (kept !== undefined) return Encryption.parse(kept, random)
  const made = defaultConfiguration(random)
  await keys.write(ENCRYPTION_FILE, made)
  return Encryption.parse(made, random)
}
