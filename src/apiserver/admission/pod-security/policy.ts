import { type FieldError, FieldPath, invalid } from '../../../machinery/field-error.ts'

/** From the widest to the strictest. */
export const LEVELS = ['privileged', 'baseline', 'restricted'] as const
export type Level = (typeof LEVELS)[number]

/** A level as it is in one version of the standards: a minor version of Kubernetes 1. */
export interface LevelVersion {
  readonly level: Level
  readonly version: number | 'latest'
}

/** What is refused, what is noted in the audit log, and what the client is warned of. */
export interface Policy {
  readonly enforce: LevelVersion
  readonly audit: LevelVersion
  readonly warn: LevelVersion
}

const LATEST: LevelVersion = { level: 'privileged', version: 'latest' }

/** Upstream's: nothing is refused where nobody asks for it. */
export const DEFAULT_POLICY: Policy = { enforce: LATEST, audit: LATEST, warn: LATEST }

/** Of labels that say what applies, and of the annotations in the audit log. */
export const PREFIX = 'pod-security.kubernetes.io/'

/** What labels ask for, and what of them cannot be read. */
export interface NamespacePolicy {
  readonly policy: Policy
  readonly errors: readonly FieldError[]
}

interface Labels {
  readonly [key: string]: string
}

/** `restricted:v1.30`. */
export function formatLevelVersion({ level, version }: LevelVersion): string {
  return `${level}:${version === 'latest' ? version : `v1.${version}`}`
}

/** True where the standards say the same of both. */
export function isEquivalent(a: LevelVersion, b: LevelVersion): boolean {
  if (a.level === 'privileged' && b.level === 'privileged') return true
  return a.level === b.level && a.version === b.version
}

/** Whether nothing is enforced, logged or warned of. */
export function isFullyPrivileged({ enforce, audit, warn }: Policy): boolean {
  return [enforce, audit, warn].every(({ level }) => level === 'privileged')
}

/** Above 0 where `a` allows less. */
export function compareLevels(a: Level, b: Level): number {
  return LEVELS.indexOf(a) - LEVELS.indexOf(b)
}

/**
 * What the labels of a namespace ask for. A label that cannot be read enforces `restricted`, and
 * audits and warns of nothing. Who enforces is warned too, unless the labels say otherwise.
 */
export function policyOf(labels: Labels = {}, defaults: Policy): NamespacePolicy {
  const errors: FieldError[] = []
  const enforce = readMode(labels, 'enforce', { ...defaults.enforce, bad: 'restricted' }, errors)
  const audit = readMode(labels, 'audit', { ...defaults.audit, bad: 'privileged' }, errors)
  let warn = readMode(labels, 'warn', { ...defaults.warn, bad: 'privileged' }, errors)
  const own = labelOf(labels, 'enforce')
  const isOwn = own !== undefined && parseLevel(own) !== undefined
  if (isOwn && labelOf(labels, 'warn') === undefined) {
    if (compareLevels(enforce.level, warn.level) > 0) {
      const hasVersion = labelOf(labels, 'warn-version') !== undefined
      warn = { level: enforce.level, version: hasVersion ? warn.version : enforce.version }
    }
  }
  return { policy: { enforce, audit, warn }, errors }
}

/** Whether the labels say anything of a mode, right or wrong. */
export function hasMode(labels: Labels = {}, mode: keyof Policy): boolean {
  return [mode, `${mode}-version`].some((name) => labelOf(labels, name) !== undefined)
}

function readMode(
  labels: Labels,
  mode: keyof Policy,
  { level, version, bad }: LevelVersion & { readonly bad: Level },
  errors: FieldError[],
): LevelVersion {
  const levelText = labelOf(labels, mode)
  const versionText = labelOf(labels, `${mode}-version`)
  const refuse = (name: string, value: string, why: string) =>
    errors.push(
      invalid(FieldPath.root.child('metadata', 'labels').key(`${PREFIX}${name}`), value, why),
    )
  if (levelText !== undefined) {
    const parsed = parseLevel(levelText)
    if (parsed === undefined) refuse(mode, levelText, `must be one of ${LEVELS.join(', ')}`)
    level = parsed ?? bad
  }
  if (versionText !== undefined) {
    const parsed = parseVersion(versionText)
    if (parsed === undefined) {
      refuse(`${mode}-version`, versionText, 'must be "latest" or "v1.x"')
    }
    version = parsed ?? 'latest'
  }
  return { level, version }
}

function labelOf(labels: Labels, name: string): string | undefined {
  const key = `${PREFIX}${name}`
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}

/** Undefined for a text that names no level. */
export function parseLevel(text: string): Level | undefined {
  return LEVELS.find((one) => one === text)
}

/** Undefined for a text that names no version. */
export function parseVersion(text: string): number | 'latest' | undefined {
  if (text === 'latest') return text
  const minor = /^v1\.(0|[1-9][0-9]*)$/.exec(text)?.[1]
  return minor === undefined ? undefined : Number(minor)
}
