import { FieldSet } from './field-set.ts'
import type { Owner, Owners } from './managers.ts'
import { fieldSetOfValue, withNamedFields } from './owned-fields.ts'
import { removeFields } from './remove-fields.ts'
import { convert, type FieldVersion, type FieldVersions } from './updater.ts'

/**
 * Takes away what a manager applied before (`last`) and neither it nor anybody else wants now.
 * Three steps, as in structured merge: all that it had goes, what is owned comes back, and so does
 * what went along without having been its own.
 */
export function prune(
  versions: FieldVersions,
  merged: unknown,
  last: Owner | undefined,
  owners: Owners,
  self: string,
): unknown {
  if (last === undefined || last.fields.isEmpty) return merged
  const version = versions.find(last.apiVersion)
  if (version === undefined) return merged
  const now = owners.get(self)
  const isKept = now?.apiVersion === last.apiVersion && last.fields.difference(now.fields).isEmpty
  if (isKept) return merged
  const what = 'failed to prune fields: failed to convert merged object to last applied version'
  const object = convert(merged, versions.current, version, what)
  const withoutLast = removeFields(
    version.shape,
    object,
    withNamedFields(last.fields, version.shape),
  )
  const withOwned = addBackOwned(versions, object, withoutLast, version, owners)
  const pruned = addBackDangling(object, withOwned, version, last.fields)
  return pruned === object ? merged : convert(pruned, version, versions.current)
}

/** In the version of what was taken away first: conversion may need what all others lack. */
function addBackOwned(
  versions: FieldVersions,
  merged: unknown,
  pruned: unknown,
  first: FieldVersion,
  owners: Owners,
): unknown {
  const ownedByVersion = new Map([[first.apiVersion, FieldSet.empty]])
  for (const { apiVersion, fields } of owners.values()) {
    const before = ownedByVersion.get(apiVersion) ?? FieldSet.empty
    ownedByVersion.set(apiVersion, before.union(fields))
  }
  let result = pruned
  for (const [apiVersion, owned] of ownedByVersion) {
    const version = versions.find(apiVersion)
    if (version === undefined) continue
    const what = 'failed to prune fields: failed add back owned items: failed to convert'
    const all = convert(merged, first, version, `${what} merged object at version ${apiVersion}`)
    const left = convert(result, first, version, `${what} pruned object at version ${apiVersion}`)
    const { shape } = version
    const kept = namedFieldsOf(version, left).union(withNamedFields(owned, shape))
    const added = removeFields(shape, all, namedFieldsOf(version, all).difference(kept))
    result = convert(added, version, first)
  }
  return result
}

function addBackDangling(
  merged: unknown,
  pruned: unknown,
  version: FieldVersion,
  last: FieldSet,
): unknown {
  const gone = namedFieldsOf(version, merged).difference(namedFieldsOf(version, pruned))
  const own = withNamedFields(last, version.shape)
  return removeFields(version.shape, merged, gone.intersection(own))
}

function namedFieldsOf({ shape }: FieldVersion, value: unknown): FieldSet {
  return withNamedFields(fieldSetOfValue(shape, value), shape)
}
