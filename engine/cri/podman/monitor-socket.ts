/** Where a container's monitor answers. */
export function monitorSocket(id: string): string {
  return `/run/libpod/${id}/attach`
}
