/** The families of series there are. */
export const families = {
  apiserver_audit_event_total: { type: 'counter', help: '[ALPHA] Counter of audit events generated and sent to the audit backend.' },
  apiserver_current_inflight_requests: { type: 'gauge', help: '[STABLE] Maximal number of currently used inflight request limit of this apiserver per request kind in last second.' },
  apiserver_flowcontrol_dispatched_requests_total: { type: 'counter', help: '[BETA] Number of requests executed by API Priority and Fairness subsystem' },
  apiserver_longrunning_requests: { type: 'gauge', help: '[STABLE] Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.' },
  apiserver_request_duration_seconds: { type: 'histogram', help: '[STABLE] Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.' },
  apiserver_request_total: { type: 'counter', help: '[STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.' },
  apiserver_requested_deprecated_apis: { type: 'gauge', help: '[STABLE] Gauge of deprecated APIs that have been requested, broken out by API group, version, resource, subresource, and removed_release.' },
  apiserver_resource_objects: { type: 'gauge', help: '[ALPHA] Number of stored objects at the time of last check split by kind.' },
  apiserver_storage_objects: { type: 'gauge', help: '[STABLE] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.' },
  authenticated_user_requests: { type: 'counter', help: '[ALPHA] Counter of authenticated requests broken out by username.' },
  authentication_attempts: { type: 'counter', help: '[ALPHA] Counter of authenticated attempts.' },
  kubernetes_build_info: { type: 'gauge', help: "[ALPHA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running." },
} as const

export type FamilyName = keyof typeof families
