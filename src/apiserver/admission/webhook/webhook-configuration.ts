import { isAbsolute } from 'node:path'
import { FieldPath, formatFieldError, invalid } from '../../../machinery/field-error.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { type ConfigurationSort, readConfiguration } from '../../read-configuration.ts'
import {
  credentialsFrom,
  type FindCredentials,
  noCredentials,
} from '../../webhooks/webhook-credentials.ts'

const Configuration = s.struct('apiserver.config.v1.WebhookAdmission', {
  kubeConfigFile: s.string().default(''),
})

const sort: ConfigurationSort<Infer<typeof Configuration>> = {
  apiVersions: ['apiserver.config.k8s.io/v1'],
  kind: 'WebhookAdmissionConfiguration',
  schema: Configuration,
}

/** Reads the WebhookAdmissionConfiguration of a plugin: who this server is to its webhooks. */
export async function parseWebhookConfiguration(
  text: string,
  readFile: (path: string) => Promise<string>,
): Promise<FindCredentials> {
  const { kubeConfigFile: path } = await readConfiguration(text, sort)
  if (path === '') return noCredentials
  if (!isAbsolute(path)) {
    const place = FieldPath.root.child('kubeConfigFile')
    throw new Error(formatFieldError(invalid(place, path, 'must be an absolute file path')))
  }
  return credentialsFrom(await readFile(path), readFile)
}
