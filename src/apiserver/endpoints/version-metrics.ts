import { Counter, Gauge, type Registry } from 'prom-client'
import { FEATURES } from './features.data.ts'
import type { VersionInfo } from './version-info.ts'

/** What is running, of which Kubernetes, and with what features. */
export function addVersionMetrics(registry: Registry, version: VersionInfo): void {
  const labels = {
    major: version.major,
    minor: version.minor,
    git_version: version.gitVersion,
    git_commit: version.gitCommit,
    git_tree_state: version.gitTreeState,
    build_date: version.buildDate,
    go_version: version.goVersion,
    compiler: version.compiler,
    platform: version.platform,
  }
  constant(registry, 'kubernetes_build_info', 'Always 1; its labels say what is running.', labels)
  constant(registry, 'version_info', 'Always 1; its labels say how compatible it is.', {
    component: 'kube',
    binary: version.gitVersion.replace(/^v|\+.*$/g, ''),
    emulation: `${version.emulationMajor}.${version.emulationMinor}`,
    min_compat: `${version.minCompatibilityMajor}.${version.minCompatibilityMinor}`,
  })
  addFeatures(registry)
  addValidation(registry)
}

function addFeatures(registry: Registry): void {
  const features = new Gauge({
    name: 'kubernetes_feature_enabled',
    help: 'Whether a feature is on: 1 is yes.',
    labelNames: ['name', 'stage'],
    registers: [registry],
  })
  for (const { names, stage, isEnabled } of FEATURES) {
    for (const name of names) features.set({ name, stage }, isEnabled ? 1 : 0)
  }
}

/** Each rule of validation stands once here: no second answer could differ from the first. */
function addValidation(registry: Registry): void {
  const zero = (name: string, help: string) =>
    new Counter({ name: `apiserver_validation_${name}_total`, help, registers: [registry] })
  zero('declarative_validation_mismatch', 'How often two validations of an object differed.')
  zero('declarative_validation_panic', 'How often a declared rule failed to judge an object.')
  zero('duplicate_validation_error', 'How often an error was found twice in an object.')
}

function constant(
  registry: Registry,
  name: string,
  help: string,
  labels: Readonly<Record<string, string>>,
): void {
  const labelNames = Object.keys(labels)
  new Gauge({ name, help, labelNames, registers: [registry] }).set(labels, 1)
}
