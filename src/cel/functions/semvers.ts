import { CelError } from '../values/cel-error.ts'
import { shortInt } from '../values/integers.ts'
import { Opaque } from '../values/opaque.ts'
import {
  compareSemver,
  normalizeSemver,
  parseSemver,
  type SemanticVersion,
} from '../values/semver.ts'
import type { CelValue, Outcome } from '../values/value.ts'
import { NO_SUCH_OVERLOAD } from './arithmetic.ts'
import { type CelFunction, global, member } from './function.ts'
import { SEMVER } from './signature.ts'

/** A semantic version. */
class SemverValue extends Opaque {
  readonly version: SemanticVersion

  constructor(version: SemanticVersion) {
    super()
    this.version = version
  }

  get type() {
    return SEMVER
  }

  equals(other: CelValue): boolean | CelError {
    if (!(other instanceof SemverValue)) return NO_SUCH_OVERLOAD
    return compareSemver(this.version, other.version) === 0
  }

  override toString(): string {
    const { numbers, prerelease, build } = this.version
    const suffix = prerelease.length === 0 ? '' : `-${prerelease.join('.')}`
    return `${numbers.join('.')}${suffix}${build.length === 0 ? '' : `+${build.join('.')}`}`
  }

  toJson(): string {
    return String(this)
  }
}

const parse = (text: string, isNormalizing = false) =>
  isNormalizing ? normalizeSemver(text) : parseSemver(text)

function toSemver(text: string, isNormalizing?: boolean): Outcome {
  const version = parse(text, isNormalizing)
  return version instanceof CelError ? version : new SemverValue(version)
}

const isSemver = (text: string, isNormalizing?: boolean): Outcome =>
  !(parse(text, isNormalizing) instanceof CelError)

const compare = (a: SemverValue, b: SemverValue) => compareSemver(a.version, b.version)
const TO_BOOL = '(Semver, Semver) -> bool'
const number =
  (index: 0 | 1 | 2) =>
  ({ version }: SemverValue): Outcome =>
    shortInt(BigInt.asIntN(64, version.numbers[index]))

/** Kubernetes' library of semantic versions. */
export const SEMVER_FUNCTIONS: readonly CelFunction[] = [
  global('semver', 'string_to_semver', '(string) -> Semver', toSemver),
  global('semver', 'string_bool_to_semver', '(string, bool) -> Semver', toSemver),
  global('isSemver', 'is_semver_string', '(string) -> bool', isSemver),
  global('isSemver', 'is_semver_string_bool', '(string, bool) -> bool', isSemver),
  member('isGreaterThan', 'semver_is_greater_than', TO_BOOL, (a: SemverValue, b: SemverValue) => {
    return compare(a, b) > 0
  }),
  member('isLessThan', 'semver_is_less_than', TO_BOOL, (a: SemverValue, b: SemverValue) => {
    return compare(a, b) < 0
  }),
  member('compareTo', 'semver_compare_to', '(Semver, Semver) -> int', compare),
  member('major', 'semver_major', '(Semver) -> int', number(0)),
  member('minor', 'semver_minor', '(Semver) -> int', number(1)),
  member('patch', 'semver_patch', '(Semver) -> int', number(2)),
]
