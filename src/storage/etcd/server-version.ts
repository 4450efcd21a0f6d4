/** The oldest release whose watches can be trusted to say that they lost their leader. */
const OLDEST = [3, 4] as const

/** Throws where the server is too old; what cannot be read as a version is taken for newer. */
export function assertSupported(version: string, where: string): void {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? []
  if (major === undefined || minor === undefined) return
  const isOlder =
    Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1])
  if (isOlder) throw new Error(`etcd ${version} at ${where} is too old: 3.4 or newer is needed`)
}
