/** What `/version` answers. Names are upstream's; `goVersion` says what runs the server. */
export interface VersionInfo {
  readonly major: string
  readonly minor: string
  readonly emulationMajor: string
  readonly emulationMinor: string
  readonly minCompatibilityMajor: string
  readonly minCompatibilityMinor: string
  readonly gitVersion: string
  readonly gitCommit: string
  readonly gitTreeState: string
  readonly buildDate: string
  readonly goVersion: string
  readonly compiler: string
  readonly platform: string
}

/** The Kubernetes release whose API is served. */
export const KUBERNETES_VERSION = 'v1.36.2'

/** What is only known where the server is built and run. */
export interface BuildFacts {
  /** Of this program, such as `0.1.0`. */
  readonly programVersion: string
  readonly commit: string
  /** RFC 3339. */
  readonly buildDate: string
  /** Such as `v20.11.0`. */
  readonly nodeVersion: string
  /** As Node names them: `linux` and `x64`. */
  readonly os: string
  readonly architecture: string
}

const GO_ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }

/** A semantic version that clients compare by its first three numbers: `v1.36.2+wherry0.1.0`. */
export function versionInfo(facts: BuildFacts): VersionInfo {
  const [major = '', minor = ''] = KUBERNETES_VERSION.slice(1).split('.')
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion: `${KUBERNETES_VERSION}+wherry${facts.programVersion}`,
    gitCommit: facts.commit,
    gitTreeState: 'clean',
    buildDate: facts.buildDate,
    goVersion: `node ${facts.nodeVersion}`,
    compiler: 'v8',
    platform: `${facts.os}/${GO_ARCHITECTURES[facts.architecture] ?? facts.architecture}`,
  }
}
