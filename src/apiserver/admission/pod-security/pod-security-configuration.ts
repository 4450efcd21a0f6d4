import {
  duplicate,
  type FieldErrors,
  FieldPath,
  formatFieldError,
  invalid,
} from '../../../machinery/field-error.ts'
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../machinery/names.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { type ConfigurationSort, readConfiguration } from '../../read-configuration.ts'
import type { PodSecurityConfiguration } from './pod-security.ts'
import { LEVELS, type LevelVersion, parseLevel, parseVersion } from './policy.ts'

const names = s.list(s.string()).default([])

const Configuration = s.struct('pod-security.admission.config.v1.PodSecurityConfiguration', {
  defaults: s
    .struct('pod-security.admission.config.v1.PodSecurityDefaults', {
      enforce: s.string().default('privileged'),
      'enforce-version': s.string().default('latest'),
      audit: s.string().default('privileged'),
      'audit-version': s.string().default('latest'),
      warn: s.string().default('privileged'),
      'warn-version': s.string().default('latest'),
    })
    .default({}),
  exemptions: s
    .struct('pod-security.admission.config.v1.PodSecurityExemptions', {
      usernames: names,
      namespaces: names,
      runtimeClasses: names,
    })
    .default({}),
})
type Configuration = Infer<typeof Configuration>

const sort: ConfigurationSort<Configuration> = {
  apiVersions: ['v1', 'v1beta1', 'v1alpha1'].map(
    (one) => `pod-security.admission.config.k8s.io/${one}`,
  ),
  kind: 'PodSecurityConfiguration',
  schema: Configuration,
}

/** Reads the configuration of the PodSecurity plugin. Throws with all that is wrong with it. */
export async function parsePodSecurityConfiguration(
  text: string,
): Promise<PodSecurityConfiguration> {
  const { defaults, exemptions } = await readConfiguration(text, sort)
  const errors = [...validateDefaults(defaults), ...validateExemptions(exemptions)]
  if (errors.length > 0) throw new Error(errors.map(formatFieldError).join(', '))
  const modeOf = (mode: 'enforce' | 'audit' | 'warn'): LevelVersion => ({
    level: parseLevel(defaults[mode]) ?? 'restricted',
    version: parseVersion(defaults[`${mode}-version`]) ?? 'latest',
  })
  return {
    defaults: { enforce: modeOf('enforce'), audit: modeOf('audit'), warn: modeOf('warn') },
    exemptions,
  }
}

function* validateDefaults(defaults: Configuration['defaults']): FieldErrors {
  const path = FieldPath.root.child('defaults')
  for (const mode of ['enforce', 'warn', 'audit'] as const) {
    const [level, version] = [defaults[mode], defaults[`${mode}-version`]]
    if (parseLevel(level) === undefined) {
      yield invalid(path.child(mode), level, `must be one of ${LEVELS.join(', ')}`)
    }
    if (parseVersion(version) === undefined) {
      yield invalid(path.child(`${mode}-version`), version, 'must be "latest" or "v1.x"')
    }
  }
}

function* validateExemptions(exemptions: Configuration['exemptions']): FieldErrors {
  const path = FieldPath.root.child('exemptions')
  const rules = {
    namespaces: dns1123LabelErrors,
    runtimeClasses: dns1123SubdomainErrors,
    usernames: (name: string) => (name === '' ? ['username must not be empty'] : []),
  }
  for (const [field, errorsOf] of Object.entries(rules)) {
    const list = exemptions[field as keyof typeof rules]
    for (const [index, name] of list.entries()) {
      const errors = [...errorsOf(name)]
      const place = path.child(field).index(index)
      if (errors.length > 0) yield invalid(place, name, errors.join(', '))
      else if (list.indexOf(name) < index) yield duplicate(place, name)
    }
  }
}
