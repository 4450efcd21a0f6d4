import type { Pod } from '../../kinds/core/v1/pod.ts'

/** Where a pod's logs are: `<root>/<namespace>_<name>_<uid>`. Log collectors know this layout. */
export function podLogDirectory(root: string, { metadata }: Pod): string {
  return podLogDirectoryOf(root, metadata)
}

export function podLogDirectoryOf(
  root: string,
  {
    namespace,
    name,
    uid,
  }: { readonly namespace: string; readonly name: string; readonly uid: string },
): string {
  return `${root}/${namespace}_${name}_${uid}`
}

/** A container's log below its pod's directory: one file for each start. */
export function containerLogPath(containerName: string, restartCount: number): string {
  return `${containerName}/${restartCount}.log`
}

const LOG_FILE = /^([0-9]+)\.log(\..*)?$/

/**
 * How often a container has started, told by the logs it left: for a runtime that has forgotten
 * it. The next log must not overwrite an old one.
 */
export function startsToldByLogs(fileNames: readonly string[]): number {
  const counts = fileNames.map((name) => LOG_FILE.exec(name)?.[1]).filter((count) => count)
  return Math.max(0, ...counts.map((count) => Number(count) + 1))
}
