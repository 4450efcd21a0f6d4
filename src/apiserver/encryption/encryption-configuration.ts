import { type Infer, s } from '../../machinery/schema.ts'
import type { ConfigurationSort } from '../read-configuration.ts'

const Key = s.struct('apiserver.config.v1.Key', {
  name: s.string(),
  /** Base64. */
  secret: s.string(),
})
const Keys = s.struct('apiserver.config.v1.Keys', { keys: s.list(Key).default([]) })

const Kms = s.struct('apiserver.config.v1.KMSConfiguration', {
  apiVersion: s.string().optional(),
  name: s.string(),
  cachesize: s.int32().optional(),
  endpoint: s.string(),
  /** Such as `3s`. */
  timeout: s.string().optional(),
})

const Provider = s.struct('apiserver.config.v1.ProviderConfiguration', {
  aesgcm: Keys.optional(),
  aescbc: Keys.optional(),
  secretbox: Keys.optional(),
  identity: s.struct('apiserver.config.v1.IdentityConfiguration', {}).optional(),
  kms: Kms.optional(),
})

const Rule = s.struct('apiserver.config.v1.ResourceConfiguration', {
  resources: s.list(s.string()).default([]),
  providers: s.list(Provider).default([]),
})

const EncryptionConfiguration = s.struct('apiserver.config.v1.EncryptionConfiguration', {
  resources: s.list(Rule).default([]),
})

export type KmsConfiguration = Infer<typeof Kms>
export type EncryptionKey = Infer<typeof Key>
export type EncryptionProvider = Infer<typeof Provider>
export type EncryptionRule = Infer<typeof Rule>
/** Which resources are encrypted and how: the first provider writes, all of them read. */
export type EncryptionConfiguration = Infer<typeof EncryptionConfiguration>

export const encryptionConfigurationSort: ConfigurationSort<EncryptionConfiguration> = {
  apiVersions: ['apiserver.config.k8s.io/v1'],
  kind: 'EncryptionConfiguration',
  schema: EncryptionConfiguration,
}
