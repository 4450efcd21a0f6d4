import type { Namespace } from './namespace.ts'

const NAME_LABEL = 'kubernetes.io/metadata.name'

/** Every namespace bears its name as a label, so that selectors can name it. */
export function setNamespaceDefaults(namespace: Namespace): Namespace {
  const { metadata } = namespace
  const name = metadata.name as string | undefined
  if (!name || metadata.labels?.[NAME_LABEL] === name) return namespace
  return {
    ...namespace,
    metadata: { ...metadata, labels: { ...metadata.labels, [NAME_LABEL]: name } },
  }
}
