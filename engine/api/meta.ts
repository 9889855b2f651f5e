/** Names of objects, empty where they have none. */
interface Named {
  readonly metadata: { readonly name?: string; readonly namespace?: string; readonly uid?: string }
}

export function nameOf(object: Named): string {
  return object.metadata.name ?? ''
}

export function namespaceOf(object: Named): string {
  return object.metadata.namespace ?? ''
}

export function uidOf(object: Named): string {
  return object.metadata.uid ?? ''
}
