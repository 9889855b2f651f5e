/** The commands that run a cluster or read labs: what `program.ts` loads as one. */
export { appCommand } from './app'
export { clusterCommand } from './cluster'
export { desktopHostCommand } from './desktop-host'
export { imageCommand } from './image'
export { labCommand } from './lab'
export { rehearsals } from './rehearsals'
