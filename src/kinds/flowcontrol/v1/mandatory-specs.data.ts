const subjects = (...names: readonly string[]) =>
  names.map((name) => ({ kind: 'Group', group: { name } }))

const everything = {
  resourceRules: [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] },
  ],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
}

/** The flow schemas that no one may change, by name. */
export const MANDATORY_SCHEMA_SPECS: ReadonlyMap<string, object> = new Map([
  [
    'exempt',
    {
      priorityLevelConfiguration: { name: 'exempt' },
      matchingPrecedence: 1,
      rules: [{ subjects: subjects('system:masters'), ...everything }],
    },
  ],
  [
    'catch-all',
    {
      priorityLevelConfiguration: { name: 'catch-all' },
      matchingPrecedence: 10_000,
      distinguisherMethod: { type: 'ByUser' },
      rules: [
        { subjects: subjects('system:unauthenticated', 'system:authenticated'), ...everything },
      ],
    },
  ],
])

/** The priority levels that no one may change, by name; of `exempt` only the type is fixed. */
export const MANDATORY_LEVEL_SPECS: ReadonlyMap<string, object> = new Map<string, object>([
  ['exempt', { type: 'Exempt' }],
  [
    'catch-all',
    {
      type: 'Limited',
      limited: {
        nominalConcurrencyShares: 5,
        limitResponse: { type: 'Reject' },
        lendablePercent: 0,
      },
    },
  ],
])
