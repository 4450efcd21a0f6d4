import {
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { configMapKeyErrors, qualifiedNameErrors } from '../../../machinery/names.ts'
import { invalids, validateImmutable } from '../../../machinery/validate-object-meta.ts'
import type { LeaseCandidate } from './lease-candidate.ts'
import { compareVersions, parseSemanticVersion } from './semantic-version.ts'

const OLDEST = 'OldestEmulationVersion'
const NOT_A_VERSION = 'must be a valid semantic version'

/** A candidate's name may be what a ConfigMap's key may be. */
export function candidateNameErrors(name: string): readonly string[] {
  return configMapKeyErrors(name)
}

/** A candidate says which lease it would take, and at which version it is. */
export function* validateCandidate({ spec }: LeaseCandidate, path: FieldPath): FieldErrors {
  const specPath = path.child('spec')
  const { leaseName, binaryVersion, emulationVersion = '' } = spec
  if (leaseName === '') yield required(specPath.child('leaseName'))
  const emulated = parseSemanticVersion(emulationVersion)
  if (emulationVersion !== '' && emulated === undefined) {
    yield invalid(specPath.child('emulationVersion'), emulationVersion, NOT_A_VERSION)
  }
  const binaryPath = specPath.child('binaryVersion')
  const binary = parseSemanticVersion(binaryVersion)
  if (binaryVersion === '') yield required(binaryPath)
  else if (binary === undefined) yield invalid(binaryPath, binaryVersion, NOT_A_VERSION)
  const none = { numbers: [0, 0, 0], before: [] }
  const isOlder = compareVersions(binary ?? none, emulated ?? none) < 0
  if (binaryVersion !== '' && emulationVersion !== '' && isOlder) {
    yield invalid(binaryPath, binaryVersion, 'must be greater than or equal to `emulationVersion`')
  }
  if (spec.strategy === OLDEST && compareVersions(emulated ?? none, none) === 0) {
    const why = `must be specified when \`strategy\` is '${OLDEST}'`
    yield required(specPath.child('emulationVersion'), why)
  }
  yield* validateStrategy(spec.strategy, specPath.child('strategy'))
}

export function* validateCandidateUpdate(
  candidate: LeaseCandidate,
  old: LeaseCandidate,
  path: FieldPath,
): FieldErrors {
  yield* validateCandidate(candidate, path)
  const at = path.child('spec', 'leaseName')
  yield* validateImmutable(candidate.spec.leaseName, old.spec.leaseName, at)
}

/** A name of Kubernetes, or one under a domain. Upstream's path says `strategy` twice. */
function* validateStrategy(strategy: string, path: FieldPath): FieldErrors {
  const at = path.child('strategy')
  if (!strategy) yield required(path)
  else if (strategy.includes('/')) yield* invalids(at, strategy, qualifiedNameErrors(strategy))
  else if (strategy !== OLDEST) yield notSupported(at, strategy, [OLDEST])
}
