import { duplicate, FieldPath, formatFieldError, required } from '../../machinery/field-error.ts'
import { type Infer, s } from '../../machinery/schema.ts'
import { type ConfigurationSort, readConfiguration } from '../read-configuration.ts'
import { type FindCredentials, noCredentials } from '../webhooks/webhook-credentials.ts'
import type { TolerationSeconds } from './default-toleration-seconds.ts'
import { type LimitedResource, parseLimitedResources } from './limited-resources.ts'
import {
  DEFAULT_CONFIGURATION,
  type PodSecurityConfiguration,
} from './pod-security/pod-security.ts'
import { parsePodSecurityConfiguration } from './pod-security/pod-security-configuration.ts'
import { parseWebhookConfiguration } from './webhook/webhook-configuration.ts'

/** What an AdmissionConfiguration says to the plugins that can be told something. */
export interface AdmissionConfiguration {
  readonly podSecurity: PodSecurityConfiguration
  readonly limitedResources: readonly LimitedResource[]
  /** How long pods stay on nodes with taints; five minutes where absent. */
  readonly tolerationSeconds?: TolerationSeconds
  /** Who this server is to the webhooks of one kind of configurations. */
  readonly mutatingWebhooks: FindCredentials
  readonly validatingWebhooks: FindCredentials
}

/** Where nobody has said anything. */
export const DEFAULT_ADMISSION: AdmissionConfiguration = {
  podSecurity: DEFAULT_CONFIGURATION,
  limitedResources: [],
  mutatingWebhooks: noCredentials,
  validatingWebhooks: noCredentials,
}

const Configuration = s.struct('apiserver.config.v1.AdmissionConfiguration', {
  plugins: s
    .list(
      s.struct('apiserver.config.v1.AdmissionPluginConfiguration', {
        name: s.string().default(''),
        path: s.string().default(''),
        configuration: s.json('apimachinery.pkg.runtime.RawExtension').optional(),
      }),
    )
    .default([]),
})

const sort: ConfigurationSort<Infer<typeof Configuration>> = {
  apiVersions: ['apiserver.config.k8s.io/v1', 'apiserver.k8s.io/v1alpha1'],
  kind: 'AdmissionConfiguration',
  schema: Configuration,
}

/**
 * Reads the file of `--admission-control-config-file`. `readFile` gives the text of a file that it
 * names, by its path as it stands there. Throws with what is wrong with which plugin; one that
 * takes no configuration ignores it, as upstream's do.
 */
export async function parseAdmissionConfiguration(
  text: string,
  readFile: (path: string) => Promise<string>,
): Promise<AdmissionConfiguration> {
  const { plugins } = await readConfiguration(text, sort)
  const path = FieldPath.root.child('plugins')
  const allNames = plugins.map(({ name }) => name)
  const errors = allNames.flatMap((name, index) => {
    const place = path.index(index).child('name')
    if (name === '') return [required(place)]
    return allNames.indexOf(name) < index ? [duplicate(place, name)] : []
  })
  if (errors.length > 0) throw new Error(errors.map(formatFieldError).join(', '))
  let result = DEFAULT_ADMISSION
  for (const { name, path: file, configuration } of plugins) {
    const own = configuration === undefined ? undefined : JSON.stringify(configuration)
    const content = own ?? (file === '' ? undefined : await readFile(file))
    if (content !== undefined) result = await withPlugin(result, name, content, readFile)
  }
  return result
}

async function withPlugin(
  result: AdmissionConfiguration,
  name: string,
  text: string,
  readFile: (path: string) => Promise<string>,
): Promise<AdmissionConfiguration> {
  try {
    if (name === 'PodSecurity') {
      return { ...result, podSecurity: await parsePodSecurityConfiguration(text) }
    }
    if (name === 'ResourceQuota') {
      return { ...result, limitedResources: await parseLimitedResources(text) }
    }
    if (name === 'MutatingAdmissionWebhook') {
      return { ...result, mutatingWebhooks: await parseWebhookConfiguration(text, readFile) }
    }
    if (name === 'ValidatingAdmissionWebhook') {
      return { ...result, validatingWebhooks: await parseWebhookConfiguration(text, readFile) }
    }
    return result
  } catch (cause) {
    throw new Error(`configuration of the admission plugin ${name}: ${(cause as Error).message}`, {
      cause,
    })
  }
}
