/**
 * The audit policy that a new cluster gets: every change by whomever, and every look at a Secret,
 * but not the bodies; nothing of what goes on all the time in a cluster where nothing happens.
 */
export const DEFAULT_AUDIT_POLICY = `# What the API server logs of each request.
# The first rule that matches decides. Read at each start.
# https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages:
  - RequestReceived
rules:
  # Heartbeats and leader election, and events, which are a log of their own.
  - level: None
    resources:
      - group: coordination.k8s.io
        resources: [leases]
      - group: ""
        resources: [events]
      - group: events.k8s.io
        resources: [events]
  - level: None
    userGroups: [system:nodes]
    verbs: [get, list, watch, update, patch]
    resources:
      - group: ""
        resources: [nodes, nodes/status, pods, pods/status]
  # Health, version, discovery and documents.
  - level: None
    nonResourceURLs: ["*"]
  # Each question to the authorizer and each check of a token would be a line.
  - level: None
    verbs: [create]
    resources:
      - group: authorization.k8s.io
        resources:
          - subjectaccessreviews
          - localsubjectaccessreviews
          - selfsubjectaccessreviews
          - selfsubjectrulesreviews
      - group: authentication.k8s.io
        resources: [tokenreviews, selfsubjectreviews]
  # Controllers and kubelets of the cluster read Secrets all the time; people and workloads do not.
  - level: None
    userGroups: [system:nodes, "system:serviceaccounts:kube-system"]
    verbs: [get, list, watch]
  - level: Metadata
    verbs: [get, list, watch]
    resources:
      - group: ""
        resources: [secrets]
  # Commands in containers, and what passes through the server.
  - level: Metadata
    resources:
      - group: ""
        resources: [pods/exec, pods/attach, pods/portforward, '*/proxy']
  - level: None
    verbs: [get, list, watch]
  - level: Metadata
`
